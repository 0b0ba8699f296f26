// When a position above the head of a server that accepts writes is lost. A synchronous standby shows a commit before
// its primary does, so the head alone proves nothing; but whoever commits holds the entity's feed lock. Once the lock
// was free after somebody had shown the position, a statement that began later shows every commit that the position can
// stem from. One taking of the lock thus answers for all positions that were shown before it, and stale tokens, however
// many, do not become lock traffic.
#pragma once

#include <chrono>
#include <map>
#include <tuple>

#include "storage/base/mutex.h"
#include "storage/change_position.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::postgres {

// Thread-safe. About one server at a time.
class FeedLockQuestion {
 public:
  using Clock = std::chrono::steady_clock;

  // Notes that `position` was shown, now at the latest. True: the lock was free since it was first shown, and before
  // `began`, when the statement began that still did not reach it.
  bool Settled(const dictionary::Entity& entity, const ChangePosition& position, Clock::time_point began);

  // How long `position` has been shown for.
  Clock::duration ShownFor(const dictionary::Entity& entity, const ChangePosition& position);

  // Whether the caller is to take the lock now: nobody does, and nobody did a moment ago. Then Asked must be called.
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
    Clock::time_point asked_at;    // of the last question
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
