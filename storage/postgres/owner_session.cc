#include "storage/postgres/owner_session.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnectTimeout = 5s;
constexpr auto kLook = 5s;
constexpr auto kAnswer = 3s;  // of the witness

// What a lost process of ours held is free soon.
constexpr char kOwnerOptions[] =
    " -c idle_in_transaction_session_timeout=10000 -c client_connection_check_interval=1000"
    " -c client_min_messages=warning";

// A server that does not tell what its sessions do is trusted. A session that waits for its client has said its last.
constexpr char kStillWorks[] =
    "select coalesce((select (state in ('active', 'disabled') and wait_event_type is distinct from 'Client')"
    " or state_change > clock_timestamp() - interval '5 s' from pg_stat_activity where pid = $1), false)";

std::unique_ptr<Connection> Witness(const std::string& conninfo, const std::string& options, std::stop_token stop) {
  auto opened = Connection::Open(conninfo, options, kConnectTimeout, std::move(stop));
  if (!opened) throw pqxx::broken_connection(opened.error().message);
  return *std::move(opened);
}

}  // namespace

OwnerSession::OwnerSession(const std::string& conninfo, const std::string& options, std::stop_token stop)
    : stop_(std::move(stop)),
      on_stop_(stop_, [this] { ended_.request_stop(); }),
      witness_(Witness(conninfo, kOwnerOptions, ended_.get_token())),
      connection_(std::make_unique<pqxx::connection>(
          SingleHost(conninfo, witness_->host(), kSessionSettings + options + kOwnerOptions))),
      socket_(fcntl(connection_->sock(), F_DUPFD_CLOEXEC, 0)),
      server_pid_(connection_->backendpid()) {
// Deprecated since later versions never come back by themselves; this one would, without a watchdog.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection_->inhibit_reactivation(true);
#pragma GCC diagnostic pop
  watchdog_ = std::jthread([this] { Watch(); });
}

OwnerSession::~OwnerSession() {
  ended_.request_stop();
  watchdog_.join();
  connection_.reset();
  if (socket_ >= 0) close(socket_);
}

void OwnerSession::Watch() {
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
    spdlog::warn("the owner's session fell silent and was ended");
    shutdown(socket_, SHUT_RDWR);
    return;
  }
  if (stop_.stop_requested()) shutdown(socket_, SHUT_RDWR);
}

bool OwnerSession::StillWorks() {
  Params params;
  params.Add(std::int32_t{server_pid_});
  const auto answer = witness_->ExecuteOnce(kStillWorks, params, ResultFormat::kBinary, kAnswer);
  return answer && PQntuples(answer->get()) == 1 && Row(answer->get(), 0).Bool(0);
}

}  // namespace journeyfeed::postgres
