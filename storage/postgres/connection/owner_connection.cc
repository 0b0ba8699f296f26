#include "storage/postgres/connection/owner_connection.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 5s;
constexpr auto kAnswer = 3s;  // of the second connection

// How many checks in a row must find the backend waiting for us, where the server does not show since when it waits.
constexpr int kDoubtfulLooks = 3;

// Frees soon what a lost process of ours held.
constexpr char kOwnerOptions[] =
    " -c idle_in_transaction_session_timeout=10000 -c client_connection_check_interval=1000"
    " -c client_min_messages=warning";

// The server shows the activity of a backend to the user who connected, whichever role was set.
constexpr char kWitnessOptions[] = " -c role=none";

// A backend that waits for its client sends nothing more. Since when it waits is unknown if it is sending to us or its
// state is `disabled` (track_activities=off). A backend whose activity is hidden from us counts as working.
constexpr char kActivity[] =
    "select coalesce((select case when state is null or wait_event_type is distinct from 'Client' and state <> 'idle'"
    " then 'works' when state in ('disabled', 'active') then 'doubtful'"
    " when state_change > clock_timestamp() - interval '5 s' then 'works' else 'silent' end"
    " from pg_stat_activity where pid = $1), 'silent')";

std::unique_ptr<Connection> Witness(const std::string& conninfo, const std::string& options, std::stop_token stop) {
  auto opened = Connection::Open(conninfo, options, kConnectTimeout, std::move(stop));
  if (!opened) throw pqxx::broken_connection(opened.error().message);
  return *std::move(opened);
}

// libpqxx 6 would connect again by itself, without a watchdog. Later versions never do.
template <typename Connection>
void NeverReconnect(Connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  if constexpr (requires { connection.inhibit_reactivation(true); }) connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

}  // namespace

OwnerConnection::OwnerConnection(const std::string& conninfo, const std::string& options, std::stop_token stop)
    : stop_(std::move(stop)),
      on_stop_(stop_, [this] { ended_.request_stop(); }),
      witness_(Witness(conninfo, std::string(kOwnerOptions) + kWitnessOptions, ended_.get_token())),
      connection_(std::make_unique<pqxx::connection>(
          SingleHost(conninfo, witness_->host(), kConnectionSettings + options + kOwnerOptions))),
      socket_(fcntl(connection_->sock(), F_DUPFD_CLOEXEC, 0)),
      server_pid_(connection_->backendpid()) {
  NeverReconnect(*connection_);
  watchdog_ = std::jthread([this] { Watch(); });
}

OwnerConnection::~OwnerConnection() {
  ended_.request_stop();
  watchdog_.join();
  connection_.reset();
  if (socket_ >= 0) close(socket_);
}

void OwnerConnection::Watch() {
  std::mutex mutex;
  std::condition_variable_any wake;
  const std::stop_token ended = ended_.get_token();
  while (!ended.stop_requested()) {
    {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, ended, kLook, [] { return false; });
    }
    if (ended.stop_requested() || StillWorks()) continue;
    if (ended.stop_requested()) break;
    spdlog::warn("the owner's connection fell silent and was closed");
    shutdown(socket_, SHUT_RDWR);
    return;
  }
  if (stop_.stop_requested()) shutdown(socket_, SHUT_RDWR);
}

bool OwnerConnection::StillWorks() {
  Params params;
  params.Add(std::int32_t{server_pid_});
  const auto answer = witness_->ExecuteOnce(kActivity, params, ResultFormat::kBinary, kAnswer);
  if (!answer || PQntuples(answer->get()) != 1) return false;
  const std::string activity = Row(answer->get(), 0).Text(0).value_or("");
  doubtful_polls_ = activity == "doubtful" ? doubtful_polls_ + 1 : 0;
  return activity == "works" || (activity == "doubtful" && doubtful_polls_ < kDoubtfulLooks);
}

}  // namespace journeyfeed::postgres
