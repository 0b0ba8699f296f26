// journeyfeed-server: settings, storage, services, server. The one file that no test links.
#include <prometheus/registry.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "services/call/call_record.h"
#include "services/call/request_pool.h"
#include "services/call/stream_lifetime.h"
#include "services/component_settings.h"
#include "services/customer_journey/lifecycle/publisher.h"
#include "services/entity_services.h"
#include "services/feed/feed.h"
#include "services/feed/token.h"
#include "services/logging.h"
#include "services/metadata/service.h"
#include "services/metrics.h"
#include "services/port_file.h"
#include "services/server.h"
#include "services/settings.h"
#include "services/storage_log.h"
#include "services/termination.h"
#include "storage/base/timer.h"
#include "storage/embedded/embedded_postgres.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/read/due_journeys.h"
#include "storage/postgres/schema/history_admin.h"

namespace journeyfeed {
namespace {

constexpr int kWrongSettings = 2;

// How many requests of the largest size are under way at most; more smaller ones.
constexpr std::size_t kLargestRequests = 4;

int Fail(const std::string& problem) {
  Log(LogLevel::kError, "cannot start", {{"problem", problem}});
  FlushLog();
  return 1;
}

int FailAll(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) Log(LogLevel::kError, "cannot start", {{"problem", problem}});
  FlushLog();
  return 1;
}

int Refuse(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) std::cerr << "journeyfeed-server: " << problem << '\n';
  std::cerr << "journeyfeed-server: --help lists the settings\n";
  return kWrongSettings;
}

Result<std::unique_ptr<EmbeddedPostgres>> StartPrivateDatabase(const Settings& settings) {
  EmbeddedSettings embedded;
  embedded.data_dir = settings.data_dir;
  embedded.log = [](std::string_view line) { Log(LogLevel::kInfo, "private database", {{"detail", line}}); };
  return EmbeddedPostgres::Start(embedded);
}

// A database that this server can never serve ends the process as a signal would, but not with success.
std::atomic<bool> g_refused = false;

void EndRefused(const Failure& reason) {
  Log(LogLevel::kError, "cannot serve this database", {{"problem", reason.message}});
  g_refused = true;
  kill(getpid(), SIGTERM);
}

// Passes on what the store tells. The store must be stopped before the others are destroyed.
void ForwardEvents(Store& store, feed::Feed& feed, customer_journey::Publisher& publisher, Server& server) {
  store.SetCommitListener([&feed, &publisher](const dictionary::Entity& entity, std::int64_t head) {
    feed.OnCommit(entity, head);
    publisher.OnCommit(entity, head);
  });
  store.SetReadyListener([&server, &publisher](bool ready) {
    server.SetServing(ready);
    publisher.SetReady(ready);
  });
}

int ServeUntilTold(Server& server) {
  const int signal = AwaitTermination();
  Log(LogLevel::kInfo, "asked to stop", {{"signal", std::int64_t{signal}}});
  EndAtNextSignal();
  server.Drain();
  return g_refused ? 1 : 0;
}

int Serve(const Settings& settings) {
  std::unique_ptr<EmbeddedPostgres> database;
  if (settings.database_url.empty()) {
    auto started = StartPrivateDatabase(settings);
    if (!started) return Fail(started.error().message);
    database = *std::move(started);
  }
  Metrics metrics(std::make_shared<prometheus::Registry>());
  const std::string conninfo = database ? database->connection_string() : settings.database_url;
  postgres::PostgresStore store(StoreSettings(settings, conninfo, metrics), EndRefused);
  // What the services refer to. These are declared before the services and the server, and so destroyed after them: no
  // call is left then. The threads of the timer and of the feed end before what they use is destroyed.
  const feed::TokenCodec tokens = feed::MakeTokenCodec(store);
  call::StreamLifetime lifetime({.mean = settings.stream_lifetime});
  Timer timer("timer");
  feed::Feed feed(lifetime, store, timer, FeedLimits(settings), metrics.shared_registry());
  std::stop_source ending;
  postgres::DueJourneys due(conninfo, settings.statement_timeout, ending.get_token());
  customer_journey::Publisher publisher(store, due, metrics.registry(), PublisherLimits(settings));

  const auto max_message = static_cast<std::size_t>(settings.max_message_bytes.count);
  std::optional<call::RequestPool> pool(std::in_place, kLargestRequests * max_message * call::kMemoryPerByte);
  const call::Policy policy{
      .max_message_bytes = max_message, .default_deadline = settings.default_deadline, .pool = &*pool};
  auto services =
      MakeEntityServices({.store = store, .tokens = tokens, .lifetime = lifetime, .feed = feed, .timer = timer},
                         metrics, policy, QueryLimits(settings));
  services.push_back(metadata_service::MakeService(metrics, policy));
  ServerParts parts{.services = {},
                    .metrics = metrics.shared_registry(),
                    .on_drain = [&lifetime] { lifetime.Drain(); },
                    .calls_in_flight = call::CallsInFlight};
  for (const auto& service : services) parts.services.push_back({service.get(), service->full_name()});
  auto server = Server::Start(settings, std::move(parts));
  if (!server) return Fail(server.error());
  const BoundAddresses& bound = (*server)->bound();
  Log(LogLevel::kInfo, "listening", {{"address", bound.address}, {"metrics_address", bound.metrics_address}});

  if (!settings.port_file.empty()) {
    if (const auto written = WritePortFile(settings.port_file, bound); !written) return Fail(written.error());
  }
  ForwardEvents(store, feed, publisher, **server);
  store.Start();
  publisher.Start();
  const int code = ServeUntilTold(**server);
  // Stop the sources of events before their listeners are destroyed.
  ending.request_stop();
  publisher.Stop();
  store.Stop();
  server->reset();
  pool.reset();
  if (!settings.port_file.empty()) std::remove(settings.port_file.c_str());
  if (database) {
    if (const auto stopped = database->Stop(); !stopped)
      Log(LogLevel::kWarning, "private database", {{"detail", stopped.error().message}});
  }
  FlushLog();
  return code;
}

// Asks something of the database by hand, and prints the answer.
int Administer(const Invocation& invocation, const std::function<Result<std::string>(const std::string&)>& ask) {
  std::unique_ptr<EmbeddedPostgres> database;
  std::string conninfo = invocation.settings.database_url;
  if (conninfo.empty()) {
    auto started = StartPrivateDatabase(invocation.settings);
    if (!started) return Fail(started.error().message);
    database = *std::move(started);
    conninfo = database->connection_string();
  }
  const auto text = ask(conninfo);
  if (!text) {
    std::cerr << "journeyfeed-server: " << text.error().message << '\n';
    return 1;
  }
  std::cout << *text;
  return 0;
}

int OpenHistory(const Invocation& invocation) {
  return Administer(invocation, [&invocation](const std::string& conninfo) {
    return invocation.database.empty() ? postgres::DescribeHistories(conninfo)
                                       : postgres::OpenHistories(conninfo, invocation.database);
  });
}

int TokenKeys(const Invocation& invocation) {
  return Administer(invocation, [&invocation](const std::string& conninfo) {
    return invocation.key_change.empty() ? postgres::DescribeTokenKeys(conninfo)
                                         : postgres::ChangeTokenKeys(conninfo, invocation.key_change);
  });
}

int RunServer(const std::vector<std::string>& arguments) {
  const auto invocation = ReadInvocation(arguments, ProcessEnvironment());
  if (!invocation) return Refuse(invocation.error());
  switch (invocation->action) {
    case Invocation::Action::kHelp:
      std::cout << HelpText();
      return 0;
    case Invocation::Action::kVersion:
      std::cout << VersionText();
      return 0;
    case Invocation::Action::kPrintConfig:
      std::cout << ConfigText(*invocation);
      return 0;
    case Invocation::Action::kOpenHistory:
      StartLogging(invocation->settings.log_level);
      AdoptStorageLog();
      return OpenHistory(*invocation);
    case Invocation::Action::kTokenKeys:
      StartLogging(invocation->settings.log_level);
      AdoptStorageLog();
      return TokenKeys(*invocation);
    case Invocation::Action::kRun:
      break;
  }
  StartLogging(invocation->settings.log_level);
  AdoptStorageLog();
  if (const auto& problems = dictionary::DictionaryProblems(); !problems.empty()) return FailAll(problems);
  return Serve(invocation->settings);
}

}  // namespace
}  // namespace journeyfeed

int main(int argc, char** argv) {
  journeyfeed::BlockTerminationSignals();
  // Of the libraries' own connections: a host that does not answer must not hold up the search for the next one.
  setenv("PGCONNECT_TIMEOUT", "5", 0);
  // These would come after the settings that our sessions set for themselves.
  for (const char* name : {"PGTZ", "PGDATESTYLE", "PGGEQO"}) unsetenv(name);
  try {
    return journeyfeed::RunServer({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    return journeyfeed::Fail(e.what());
  }
}
