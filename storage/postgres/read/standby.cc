#include "storage/postgres/read/standby.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "storage/base/guarded.h"
#include "storage/postgres/schema/migrator.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

// Between two checks while the primary's head is expected.
constexpr auto kShortestPause = 2ms;
constexpr auto kLongestChase = 50ms;
// A receiver that lost its connection reconnects within this time.
constexpr auto kReceiverPatience = 3s;

}  // namespace

Standby::Standby(StandbySettings settings, const HistoryGuard& primary, const StoreMetrics& metrics,
                 HeadListener on_head)
    : settings_(std::move(settings)), primary_(primary), metrics_(metrics), on_head_(std::move(on_head)) {}

void Standby::Start(const std::string& options) {
  if (worker_) return;
  worker_.emplace("the watch of the read database", [this, options](const std::stop_token& stop) {
    if (!connection_)
      connection_.emplace(settings_.conninfo, options, nullptr, ReconnectingConnection::Admission{}, stop);
    return Work();
  });
  started_ = true;
}

void Standby::Stop() {
  if (worker_) worker_->Stop();
}

void Standby::Expect(const dictionary::Entity& entity, std::int64_t head) {
  if (!exists()) return;
  bool resting = false;
  {
    const std::scoped_lock lock(mutex_);
    std::int64_t& expected = expected_[entity.id];
    if (head <= expected) return;
    resting = Pause() == settings_.poll_interval;
    expected = head;
    pause_ = kShortestPause;
  }
  if (resting && started_) worker_->Wake();
}

Worker::Clock::time_point Standby::Work() {
  bool readable = false;
  const bool good = Guarded("the watch of the read database", [&] {
    const auto usable = connection_->Get();
    readable = usable && Poll(**usable);
  });
  if (!good) connection_->Drop();
  Judge(readable);
  const std::scoped_lock lock(mutex_);
  return Clock::now() + Pause();
}

// Short while a head is expected, and longer the longer it takes.
std::chrono::milliseconds Standby::Pause() const {
  const bool expecting = usable_ && std::any_of(expected_.begin(), expected_.end(), [this](const auto& entry) {
                           const auto head = heads_.find(entry.first);
                           return head == heads_.end() || head->second < entry.second;
                         });
  return expecting ? std::min(pause_, settings_.poll_interval) : settings_.poll_interval;
}

bool Standby::Poll(Connection& connection) {
  bool readable = true;
  const auto now = Clock::now();
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const auto known = primary_.Known(*entity);
    auto& sample = samples_[entity->id];
    // A row that never comes was lost with an old primary.
    const bool found = sample.point.history == 0 || shows_[entity->id] >= sample.taken;
    if (known && primary_up_ && (found || now - sample.taken > settings_.lag_limit)) sample = {*known, now};
    const auto asked = sample.point.history != 0 ? std::optional(sample.point) : std::nullopt;
    const auto seen = ReadServerHistory(connection, *entity, asked, settings_.timeout);
    if (!seen) return false;
    readable = TakeIn(*entity, *seen) && readable;
  }
  return readable;
}

bool Standby::TakeIn(const dictionary::Entity& entity, const ServerHistory& seen) {
  const auto now = Clock::now();
  const Sample& sample = samples_[entity.id];
  bool another = false;
  if (sample.point.history != 0) {
    const bool reached = seen.log.known && seen.log.head >= sample.point.seq;
    if (reached && Holds(seen.log, sample.point)) {
      shows_[entity.id] = sample.taken;
    } else {
      another = reached;
    }
  }
  // Without the primary there is nothing to lag behind.
  if (!primary_up_) shows_[entity.id] = std::max(shows_[entity.id], now - settings_.lag_limit / 2);
  if (seen.receiving) received_at_ = now;
  {
    const std::scoped_lock lock(mutex_);
    std::int64_t& head = heads_[entity.id];
    pause_ = head < seen.log.head ? kShortestPause : std::min<std::chrono::milliseconds>(pause_ * 2, kLongestChase);
    head = seen.log.head;
  }
  if (usable_) on_head_(entity, seen.log.head);
  return seen.log.in_recovery && !another && seen.schema_version >= SchemaVersion();
}

void Standby::Judge(bool readable) {
  const auto now = Clock::now();
  auto oldest = now;
  for (const dictionary::Entity* entity : dictionary::AllEntities()) oldest = std::min(oldest, shows_[entity->id]);
  const auto lag = now - oldest;
  const bool follows = now - received_at_ < kReceiverPatience && lag <= settings_.lag_limit;
  const bool usable = readable && (follows || (usable_ && !primary_up_));
  const auto seconds = std::min(std::chrono::duration<double>(lag).count(), 1e6);
  metrics_.replication().read_lag->Set(seconds);
  metrics_.replication().read_usable->Set(usable ? 1 : 0);
  if (usable_.exchange(usable) == usable) return;
  if (usable) {
    spdlog::info("reads go to the read database");
  } else {
    spdlog::warn("the read database cannot be used now: reads go to the primary");
  }
}

}  // namespace journeyfeed::postgres
