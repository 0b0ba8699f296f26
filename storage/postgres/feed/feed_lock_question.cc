#include "storage/postgres/feed/feed_lock_question.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

// The least time between two questions about an entity's lock.
constexpr auto kPause = 100ms;
// A position that is not shown for this long is forgotten; one that is shown again begins anew.
constexpr auto kMemory = 30s;
constexpr std::size_t kMostShown = 100000;

}  // namespace

bool FeedLockQuestion::Settled(const dictionary::Entity& entity, const Position& position, Clock::time_point began) {
  const MutexLock lock(mutex_);
  const auto first = FirstShown({entity.id, position.history, position.high_water, position.high_water_nonce});
  const Lock& state = locks_[entity.id];
  return first < state.settles && state.settled_at < began;
}

FeedLockQuestion::Clock::duration FeedLockQuestion::ShownFor(const dictionary::Entity& entity,
                                                             const Position& position) {
  const MutexLock lock(mutex_);
  // By history alone: many positions of one history make one question.
  return Clock::now() - FirstShown({entity.id, position.history, -1, 0});
}

bool FeedLockQuestion::Ask(const dictionary::Entity& entity) {
  const MutexLock lock(mutex_);
  Lock& state = locks_[entity.id];
  const auto now = Clock::now();
  if (state.asking || now - state.asked_at < kPause) return false;
  state.asking = true;
  state.asked_at = now;
  return true;
}

void FeedLockQuestion::Asked(const dictionary::Entity& entity, bool obtained) {
  const MutexLock lock(mutex_);
  Lock& state = locks_[entity.id];
  state.asking = false;
  if (!obtained) return;
  state.settles = state.asked_at;
  state.settled_at = Clock::now();
}

FeedLockQuestion::Clock::time_point FeedLockQuestion::FirstShown(const Key& key) {
  const auto now = Clock::now();
  if (shown_.size() >= kMostShown) Forget(now);
  auto [entry, inserted] = shown_.try_emplace(key, Shown{now, now});
  if (!inserted && now - entry->second.last > kMemory) entry->second.first = now;
  entry->second.last = now;
  return entry->second.first;
}

void FeedLockQuestion::Forget(Clock::time_point now) {
  std::erase_if(shown_, [now](const auto& entry) { return now - entry.second.last > kMemory; });
  // All are recent: forget them all. They ask again.
  if (shown_.size() >= kMostShown) shown_.clear();
}

}  // namespace journeyfeed::postgres
