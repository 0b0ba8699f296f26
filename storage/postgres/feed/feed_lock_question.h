// Decides when a position above the head of a primary is lost. A synchronous standby shows a commit before its primary
// does, so the head alone proves nothing. But a transaction that commits holds the entity's feed lock. Once the lock
// was free after the position was shown, a statement that begins later shows every commit that the position can stem
// from. So taking the lock once answers for all positions that were shown before, and many stale tokens cause no lock
// traffic.
#pragma once

#include <chrono>
#include <map>
#include <tuple>

#include "storage/base/mutex.h"
#include "storage/dictionary/dictionary.h"
#include "storage/postgres/feed/position.h"

namespace journeyfeed::postgres {

// Thread-safe. Covers one server.
class FeedLockQuestion {
 public:
  using Clock = std::chrono::steady_clock;

  // Notes that `position` was shown, now at the latest. Returns whether the lock was free after the position was first
  // shown and before `began`, the start of the statement that still did not reach it.
  bool Settled(const dictionary::Entity& entity, const Position& position, Clock::time_point began);

  // How long positions of this history have been shown.
  Clock::duration ShownFor(const dictionary::Entity& entity, const Position& position);

  // Returns whether the caller must take the lock now: no other thread is taking it, and none has in the last 100 ms.
  // Then Asked must be called.
  bool Ask(const dictionary::Entity& entity);
  // `obtained`: the lock was obtained and is released again.
  void Asked(const dictionary::Entity& entity, bool obtained);

 private:
  // Entity, incarnation, high water, nonce.
  using Key = std::tuple<std::int16_t, std::int64_t, std::int64_t, std::int64_t>;
  struct Shown {
    Clock::time_point first;
    Clock::time_point last;
  };
  struct Lock {
    bool asking = false;
    Clock::time_point asked_at;    // start of the last question
    Clock::time_point settles;     // positions shown before this ...
    Clock::time_point settled_at;  // ... are settled for statements that began after this
  };

  Clock::time_point FirstShown(const Key& key) JF_REQUIRES(mutex_);
  void Forget(Clock::time_point now) JF_REQUIRES(mutex_);

  Mutex mutex_;
  std::map<Key, Shown> shown_ JF_GUARDED_BY(mutex_);
  std::map<std::int16_t, Lock> locks_ JF_GUARDED_BY(mutex_);  // by entity
};

}  // namespace journeyfeed::postgres
