#include "storage/postgres/supervisor.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "storage/base/guarded.h"
#include "storage/base/pause.h"
#include "storage/postgres/connection/connection_options.h"
#include "storage/postgres/connection/worker_pool.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

constexpr auto kFirstPause = 50ms;
constexpr auto kLongestPause = 2s;

}  // namespace

Supervisor::Supervisor(const PostgresSettings& settings, const StoreMetrics& metrics, TokenKeySet& token_keys,
                       CommitWatch& watch, WriteLanes& writes, SupervisorEvents events)
    : settings_(settings),
      metrics_(metrics),
      token_keys_(token_keys),
      watch_(watch),
      writes_(writes),
      events_(std::move(events)),
      foreign_locks_(*metrics.upkeep().foreign_lock) {}

void Supervisor::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Supervise(stop); });
}

void Supervisor::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Supervisor::Supervise(const std::stop_token& stop) {
  bool serves = true;
  while (!stop.stop_requested() && serves) {
    const bool good = Guarded("the supervisor", [&] {
      serves = Prepare(stop);
      if (!serves) return;
      SetReady(true);
      // A connection that ended is no loss if the next one works.
      while (Watch(stop)) continue;
      SetReady(false);
    });
    if (good) continue;
    // The ready listener may have thrown before it noted the change: call it again.
    Guarded("the supervisor", [this] { SetReady(false); });
    if (!Pause(stop, kLongestPause)) return;
  }
}

// Connects and migrates, with backoff. Returns false when the store stops or can never serve this database.
bool Supervisor::Prepare(const std::stop_token& stop) {
  Backoff backoff(kFirstPause, kLongestPause);
  while (!stop.stop_requested()) {
    const auto asked_at = std::chrono::steady_clock::now();
    Result<Migrated> migrated = Migrate(settings_.conninfo, !served_, stop, settings_.more_migrations);
    if (migrated) {
      token_keys_.Learn(std::move(migrated->token_keys), asked_at);
      return TakeOn(*migrated);
    }
    if (migrated.error().reason == pb::ERROR_REASON_NOT_SUPPORTED) {
      events_.on_refused(migrated.error());
      return false;
    }
    const auto pause = backoff.Next();
    spdlog::warn("{}; next attempt in {} ms", migrated.error().message, pause.count());
    if (!Pause(stop, pause)) return false;
  }
  return false;
}

// Starts to serve the migrated database. Returns false if its lock table is too small to begin with.
bool Supervisor::TakeOn(const Migrated& migrated) {
  const auto refusal = RefuseLockTable(migrated.lock_table, settings_.expected_replicas);
  if (refusal && !served_) {
    events_.on_refused(*refusal);
    return false;
  }
  TellOpenness(migrated.open_to_others);
  writes_.SetLockTable(migrated.lock_table);
  if (!served_) events_.on_migrated(migrated.service_role);
  served_ = true;
  return true;
}

// Watches for commits of other servers over one connection. Returns whether that worked for a while.
bool Supervisor::Watch(const std::stop_token& stop) {
  ReconnectingConnection connection(settings_.conninfo, WatchOptions(settings_), nullptr, {}, stop);
  const auto usable = connection.Get();
  if (!usable || !watch_.Begin(**usable)) return false;
  const std::stop_callback wake(stop, [this] { watch_.Wake(); });
  bool watched = false;
  while (!stop.stop_requested()) {
    if (watch_.Step(**usable) != CommitWatch::State::kGood) return watched;
    if (token_keys_.PollIsDue() && !token_keys_.Poll(**usable, kPollTimeout)) return watched;
    watched = true;
    foreign_locks_.Poll(**usable);
    writes_.MeasureWaiting();
  }
  return false;
}

void Supervisor::SetReady(bool ready) {
  if (std::exchange(ready_, ready) == ready) return;
  spdlog::info(ready ? "the database is ready" : "the database was lost");
  events_.on_ready(ready);
}

// Logged once: it is the usual state of a database that an administrator made.
void Supervisor::TellOpenness(const std::string& database) const {
  metrics_.upkeep().open_to_others->Set(database.empty() ? 0 : 1);
  if (database.empty() || served_) return;
  spdlog::info(
      "every role of the database server may connect to this database and block its writes with a lock; to prevent it:"
      " revoke connect, temporary on database {} from public",
      database);
}

}  // namespace journeyfeed::postgres
