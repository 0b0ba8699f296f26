#include "storage/postgres/connection/connection.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How often a wait checks whether it still has a point.
constexpr auto kLook = 100ms;
constexpr auto kLeastShare = 200ms;

// Whether the socket can be read without waiting.
bool Readable(int socket) {
  pollfd entry{socket, POLLIN, 0};
  return poll(&entry, 1, 0) > 0;
}

// Reads what has arrived. What a server says before it hangs up comes with the first read, the end with the second.
bool HasEnded(PGconn* connection) {
  for (int read = 0; read < 2; ++read) {
    if (PQconsumeInput(connection) == 0) return true;
  }
  return PQstatus(connection) == CONNECTION_BAD;
}

bool IsFatal(const PGresult* result) {
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != nullptr && (std::strcmp(severity, "FATAL") == 0 || std::strcmp(severity, "PANIC") == 0);
}

bool IsWarning(const PGresult* notice) {
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != nullptr && std::strcmp(severity, "WARNING") == 0;
}

SqlError ErrorOf(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return {.sql_state = state ? state : "", .message = message ? message : "", .connection_lost = false, .sent = true};
}

// Parameters as libpq takes them; valid as long as they are.
struct WireParams {
  explicit WireParams(const Params& params) : formats(params.values().size(), 1) {
    for (const auto& value : params.values()) {
      values.push_back(value ? value->data() : nullptr);
      lengths.push_back(value ? static_cast<int>(value->size()) : 0);
    }
  }
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
};

}  // namespace

Connection::Connection(PGconn* connection, std::shared_ptr<DatabaseHosts> hosts, DatabaseHost host,
                       std::stop_token stop)
    : connection_(connection), hosts_(std::move(hosts)), host_(std::move(host)), stop_(std::move(stop)) {
  PQsetNoticeReceiver(
      connection,
      [](void* self, const PGresult* notice) {
        if (IsWarning(notice)) static_cast<Connection*>(self)->warned_ = true;
      },
      this);
}

std::expected<std::unique_ptr<Connection>, SqlError> Connection::Open(const std::string& conninfo,
                                                                      const std::string& options,
                                                                      std::chrono::milliseconds timeout,
                                                                      std::stop_token stop) {
  const auto hosts = DatabaseHosts::Of(conninfo);
  const auto deadline = Clock::now() + timeout;
  const std::string all_options = kConnectionSettings + options;
  const std::vector<DatabaseHost> candidates = hosts->InOrder();
  SqlError problem{.message = "no time to connect", .connection_lost = true, .sent = false};
  std::size_t left = candidates.size() * hosts->attributes().size();
  for (const std::string& attributes : hosts->attributes()) {
    for (const DatabaseHost& host : candidates) {
      const auto now = Clock::now();
      const auto share = std::max<Clock::duration>((deadline - now) / static_cast<int>(left--), kLeastShare);
      auto opened = OpenOne(conninfo, all_options, attributes, hosts, host, now + share, stop);
      if (opened) hosts->Good(host);
      if (opened || stop.stop_requested()) return opened;
      problem = std::move(opened).error();
    }
  }
  return std::unexpected(problem);
}

std::expected<std::unique_ptr<Connection>, SqlError> Connection::OpenOne(
    const std::string& conninfo, const std::string& options, const std::string& attributes,
    std::shared_ptr<DatabaseHosts> hosts, const DatabaseHost& host, Clock::time_point deadline, std::stop_token stop) {
  // The later keywords win over those of the connection string, which `dbname` carries.
  std::vector<const char*> keywords = {"dbname",         "options",         "application_name",    "tcp_user_timeout",
                                       "keepalives",     "keepalives_idle", "keepalives_interval", "keepalives_count",
                                       "client_encoding"};
  std::vector<const char*> values = {
      conninfo.c_str(), options.c_str(), "journeyfeed", "10000", "1", "10", "5", "3", "UTF8"};
  const auto add = [&](const char* keyword, const std::string& value) {
    if (value.empty()) return;
    keywords.push_back(keyword);
    values.push_back(value.c_str());
  };
  add("host", host.host);
  add("hostaddr", host.address);
  add("port", host.port);
  add("target_session_attrs", attributes);
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* raw = PQconnectStartParams(keywords.data(), values.data(), 1);
  if (raw == nullptr)
    return std::unexpected(SqlError{.message = "out of memory", .connection_lost = true, .sent = false});
  std::unique_ptr<Connection> connection(new Connection(raw, std::move(hosts), host, std::move(stop)));
  auto state = PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) return std::unexpected(connection->Lost(PQerrorMessage(raw), false));
    if (!connection->AwaitSocket(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
      return std::unexpected(connection->Silent("no connection within the time limit", false));
    state = PQconnectPoll(raw);
  }
  PQsetnonblocking(raw, 1);
  connection->warned_ = false;
  return connection;
}

// Stops waiting when a newer connection found the primary elsewhere: no answer will come.
bool Connection::AwaitSocket(short events, Clock::time_point deadline, int wake) const {
  const bool connecting = PQstatus(connection_.get()) != CONNECTION_OK;
  while (!stop_.stop_requested() && (connecting || !hosts_->Superseded(host_))) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const auto wait = std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0), kLook);
    pollfd entries[] = {{PQsocket(connection_.get()), events, 0}, {wake, POLLIN, 0}};
    const int ready = poll(entries, 2, static_cast<int>(wait.count()));
    if (ready > 0) return entries[0].revents != 0;
    if (ready < 0 && errno != EINTR) return false;
    if (left <= wait) return false;
  }
  return false;
}

std::expected<ResultSet, SqlError> Connection::Execute(const Statement& statement, const Params& params,
                                                       ResultFormat format, std::chrono::milliseconds timeout) {
  if (!Alive()) return std::unexpected(Lost("the connection was given up or has ended", false));
  const auto deadline = Clock::now() + timeout;
  if (!prepared_.contains(statement.name)) {
    if (auto prepared = Prepare(statement, deadline); !prepared) return std::unexpected(prepared.error());
  }
  const WireParams wire(params);
  if (PQsendQueryPrepared(connection_.get(), statement.name.c_str(), params.size(), wire.values.data(),
                          wire.lengths.data(), wire.formats.data(), static_cast<int>(format)) == 0) {
    return std::unexpected(Lost(PQerrorMessage(connection_.get()), true));
  }
  return Await(deadline);
}

std::expected<ResultSet, SqlError> Connection::ExecuteOnce(const std::string& text, const Params& params,
                                                           ResultFormat format, std::chrono::milliseconds timeout) {
  if (!usable()) return std::unexpected(Lost("the connection was given up", false));
  const WireParams wire(params);
  if (PQsendQueryParams(connection_.get(), text.c_str(), params.size(), nullptr, wire.values.data(),
                        wire.lengths.data(), wire.formats.data(), static_cast<int>(format)) == 0) {
    return std::unexpected(Lost(PQerrorMessage(connection_.get()), true));
  }
  return Await(Clock::now() + timeout);
}

bool Connection::Alive() {
  PGconn* raw = connection_.get();
  if (usable_ && Readable(PQsocket(raw)) && HasEnded(raw)) usable_ = false;
  return usable();
}

Connection::Event::Event() : descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Connection::Event::~Event() { close(descriptor); }

Connection::Patience::Patience(Connection& connection, Clock::time_point until, std::stop_token gone,
                               std::chrono::milliseconds time_to_end)
    : connection_(connection), until_(until), gone_(std::move(gone)), time_to_end_(time_to_end) {
  connection_.patience_ = this;
  if (gone_.stop_possible()) on_gone_.emplace(gone_, Wake{connection_.gone_.descriptor});
}

Connection::Patience::~Patience() {
  connection_.patience_ = nullptr;
  on_gone_.reset();
  std::uint64_t count = 0;
  if (gone_.stop_requested()) [[maybe_unused]]
    const auto drained = read(connection_.gone_.descriptor, &count, sizeof count);
}

void Connection::Patience::Wake::operator()() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event, &one, sizeof one);
}

// Returns false if the answer did not arrive within the time limit, or soon after the caller was gone. In the second
// case the connection is shut down, which tells the server.
bool Connection::AwaitAnswer(Clock::time_point deadline) {
  if (patience_ == nullptr) return AwaitSocket(POLLIN, deadline);
  if (patience_->until_ < deadline) deadline = std::min(deadline, patience_->until_ + patience_->time_to_end_);
  const std::stop_token& gone = patience_->gone_;
  if (gone.stop_possible() && AwaitSocket(POLLIN, deadline, gone_.descriptor)) return true;
  if (gone.stop_requested()) deadline = std::min(deadline, Clock::now() + patience_->time_to_end_);
  if (AwaitSocket(POLLIN, deadline)) return true;
  shutdown(PQsocket(connection_.get()), SHUT_RDWR);
  return false;
}

// A caller that is gone does not mean that the server is silent.
SqlError Connection::Unanswered(Clock::time_point deadline) {
  const auto now = Clock::now();
  const bool abandoned =
      patience_ != nullptr && now < deadline && (now >= patience_->until_ || patience_->gone_.stop_requested());
  if (!abandoned) return Silent("no answer within the time limit", true);
  SqlError lost = Lost("the caller is gone", true);
  lost.abandoned = true;
  return lost;
}

bool Connection::AwaitActivity(std::chrono::milliseconds limit, int wake) {
  if (!usable()) return false;
  PGconn* raw = connection_.get();
  pollfd entries[] = {{PQsocket(raw), POLLIN, 0}, {wake, POLLIN, 0}};
  poll(entries, 2, static_cast<int>(std::clamp<std::int64_t>(limit.count(), 0, 1 << 30)));
  if (entries[0].revents == 0) return true;
  if (HasEnded(raw)) usable_ = false;
  return usable_;
}

std::vector<std::string> Connection::TakeNotifications() {
  std::vector<std::string> payloads;
  PGconn* raw = connection_.get();
  PQconsumeInput(raw);
  while (PGnotify* notification = PQnotifies(raw)) {
    if (notification->be_pid != PQbackendPID(raw)) payloads.emplace_back(notification->extra);
    PQfreemem(notification);
  }
  return payloads;
}

std::expected<ResultSet, SqlError> Connection::ExecuteAny(const std::string& text, const Params& params,
                                                          ResultFormat format, std::chrono::milliseconds timeout) {
  const StatementCache::Use use = cache_.Note(text);
  if (!use.evicted.empty()) {
    auto freed = ExecuteOnce("deallocate " + use.evicted, {}, ResultFormat::kText, timeout);
    if (!freed && freed.error().connection_lost) return freed;
    prepared_.erase(use.evicted);
  }
  if (use.name.empty()) return ExecuteOnce(text, params, format, timeout);
  return Execute({use.name, text}, params, format, timeout);
}

std::expected<void, SqlError> Connection::Prepare(const Statement& statement, Clock::time_point deadline) {
  if (PQsendPrepare(connection_.get(), statement.name.c_str(), statement.text.c_str(), 0, nullptr) == 0) {
    return std::unexpected(Lost(PQerrorMessage(connection_.get()), false));
  }
  auto result = Await(deadline);
  if (!result) {
    result.error().sent = false;  // the statement itself was not sent
    return std::unexpected(result.error());
  }
  prepared_.insert(statement.name);
  return {};
}

std::expected<ResultSet, SqlError> Connection::Await(Clock::time_point deadline) {
  PGconn* raw = connection_.get();
  while (true) {
    const int flushed = PQflush(raw);
    if (flushed < 0) return std::unexpected(Lost(PQerrorMessage(raw), true));
    if (flushed == 0) break;
    // The server may need its output read before it reads on.
    if (!AwaitSocket(POLLIN | POLLOUT, deadline))
      return std::unexpected(Silent("no progress within the time limit", true));
    if (PQconsumeInput(raw) == 0) return std::unexpected(Lost(PQerrorMessage(raw), true));
  }
  ResultSet last;
  while (true) {
    while (PQisBusy(raw) != 0) {
      if (!AwaitAnswer(deadline)) return std::unexpected(Unanswered(deadline));
      if (PQconsumeInput(raw) == 0) return std::unexpected(Lost(PQerrorMessage(raw), true));
    }
    ResultSet next(PQgetResult(raw));
    if (!next) break;
    // An error decides, whatever came before it.
    if (!last || PQresultStatus(last.get()) != PGRES_FATAL_ERROR) last = std::move(next);
  }
  if (PQstatus(raw) == CONNECTION_BAD || !last) return std::unexpected(Lost(PQerrorMessage(raw), true));
  if (PQresultStatus(last.get()) != PGRES_FATAL_ERROR) return last;
  SqlError error = ErrorOf(last.get());
  // A backend that is being terminated may already have committed.
  if (IsFatal(last.get())) error = Lost(error.message, true);
  return std::unexpected(error);
}

SqlError Connection::Silent(std::string message, bool sent) {
  SqlError lost = Lost(std::move(message), sent);
  lost.abandoned = stop_.stop_requested();
  if (!lost.abandoned) hosts_->Silent(host_);
  return lost;
}

SqlError Connection::Lost(std::string message, bool sent) {
  usable_ = false;
  return {.sql_state = "", .message = std::move(message), .connection_lost = true, .sent = sent};
}

}  // namespace journeyfeed::postgres
