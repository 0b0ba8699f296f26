#include "storage/postgres/feed/commit_watch.h"

#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "storage/postgres/schema/migrator.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

// Commits within this time share one notification.
constexpr auto kAnnounceInterval = 10ms;
// The poll interval right after a poll found a commit that was not notified.
constexpr auto kShortestPoll = 25ms;

// Unverified notifications cause an early poll at most once in this time.
constexpr auto kStrangerInterval = 100ms;

}  // namespace

CommitWatch::CommitWatch(CommitWatchSettings settings, HistoryGuard& guard, const StoreMetrics& metrics,
                         HeadListener on_state, HintListener on_hint)
    : settings_(settings),
      guard_(guard),
      metrics_(metrics),
      on_state_(std::move(on_state)),
      on_hint_(std::move(on_hint)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      interval_(settings.poll_interval) {}

CommitWatch::~CommitWatch() { close(wake_); }

void CommitWatch::Committed(const dictionary::Entity& entity, const LogPoint& point) {
  guard_.Learnt(entity, point);
  {
    const std::scoped_lock lock(mutex_);
    const bool waiting = !to_announce_.empty();
    LogPoint& newest = to_announce_[entity.id];
    if (newest.history != point.history || newest.seq < point.seq) newest = point;
    if (waiting) return;
  }
  Wake();
}

void CommitWatch::Wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);  // full: the reader is awake already
}

bool CommitWatch::Begin(Connection& connection) {
  static const Statement kListen{"listen", "listen journeyfeed_commit"};
  poll_at_ = {};
  told_.clear();
  polled_.clear();
  return connection.Execute(kListen, {}, ResultFormat::kText, settings_.timeout).has_value();
}

CommitWatch::State CommitWatch::Step(Connection& connection) {
  Hear(connection);  // notifications that arrived with the answers of the last step
  auto until = poll_at_;
  {
    const std::scoped_lock lock(mutex_);
    if (!to_announce_.empty()) until = std::min(until, announce_at_);
  }
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  if (!connection.AwaitActivity(wait, wake_)) return State::kLost;
  std::uint64_t count = 0;
  [[maybe_unused]] const auto drained = read(wake_, &count, sizeof count);
  Hear(connection);
  if (Clock::now() >= announce_at_ && !Announce(connection)) return State::kLost;
  return Clock::now() >= poll_at_ ? Poll(connection) : State::kGood;
}

void CommitWatch::Hear(Connection& connection) {
  const auto payloads = connection.TakeNotifications();
  if (payloads.empty()) return;
  const TokenKeys keys = settings_.keys();
  for (const std::string& payload : payloads) {
    metrics_.replication().received->Increment();
    const auto heard = ParseCommitPayload(payload, keys, std::chrono::system_clock::now());
    if (!heard) {
      HearStranger();
      continue;
    }
    guard_.Learnt(*heard->entity, heard->point);
    std::int64_t& told = told_[heard->entity->id];
    told = std::max(told, heard->point.seq);
    on_hint_(*heard->entity, heard->point.seq);
  }
}

void CommitWatch::HearStranger() {
  metrics_.replication().unverified->Increment();
  const auto now = Clock::now();
  if (now < stranger_at_) return;
  stranger_at_ = now + kStrangerInterval;
  poll_at_ = std::min(poll_at_, now);
}

bool CommitWatch::Announce(Connection& connection) {
  std::map<std::int16_t, LogPoint> points;
  {
    const std::scoped_lock lock(mutex_);
    points.swap(to_announce_);
  }
  if (points.empty()) return true;
  const TokenKeys keys = settings_.keys();
  static const Statement kAnnounce{"announce", "select journeyfeed.announce($1)"};
  for (const auto& [entity, point] : points) {
    told_[entity] = std::max(told_[entity], point.seq);
    Params params;
    const std::string payload = CommitPayload(entity, point, keys, std::chrono::system_clock::now());
    params.Add(std::string_view(payload));
    const auto sent = connection.Execute(kAnnounce, params, ResultFormat::kBinary, settings_.timeout);
    announce_at_ = Clock::now() + kAnnounceInterval;
    if (!sent && sent.error().connection_lost) return false;
    // For example a full notification queue. The other replicas will find the commit when they poll.
    if (!sent) spdlog::debug("announcing a commit failed: {} {}", sent.error().sql_state, sent.error().message);
    metrics_.replication().sent->Increment();
  }
  return true;
}

CommitWatch::State CommitWatch::Poll(Connection& connection) {
  bool missed = false;
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const auto seen = guard_.CheckHistory(connection, *entity);
    // An older schema: the database was restored and must be migrated again.
    if (!seen || seen->schema_version < SchemaVersion()) return State::kLost;
    if (seen->log.in_recovery) return State::kInRecovery;
    // Missed: visible at the previous poll and still not notified.
    std::int64_t& told = told_.try_emplace(entity->id, seen->log.head).first->second;
    const auto before = polled_.try_emplace(entity->id, told).first->second;
    missed = missed || told < before;
    told = std::max(told, before);
    polled_[entity->id] = seen->log.head;
    on_state_(*entity, seen->log);
  }
  AdaptTo(missed);
  return State::kGood;
}

void CommitWatch::AdaptTo(bool missed) {
  if (missed) metrics_.replication().polled->Increment();
  interval_ = missed ? kShortestPoll : interval_ * 3 / 2;
  interval_ = std::min(interval_, settings_.poll_interval);
  poll_at_ = Clock::now() + interval_;
}

}  // namespace journeyfeed::postgres
