// Customer journeys that wait for the service itself: those that a caller set Going live or Stopping, and those whose
// time has come (docs/lifecycle.md). Claims keep the replicas from doing the same work twice; they are not what makes a
// step happen once: that is if_match on the version that was claimed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/status.h"
#include "storage/types.h"

namespace journeyfeed {

// A record whose last step failed. As long as it has this version it is claimed only when it is due.
struct DueTrouble {
  RecordKey key;
  std::int64_t version = 0;
  bool due = false;  // to be tried again
};

struct DueQuery {
  std::optional<Timestamp> now = {};  // absent: the database's clock
  int limit = 256;                    // most records
  std::int64_t max_bytes = 16 << 20;  // of workflow definitions, in all; at least one record is returned
  bool timers = true;                 // look for ends and expiries too, not only for what callers asked
  std::chrono::milliseconds expire_after = std::chrono::hours(24 * 30);  // stopped so long: to be expired
  // In the order in which they are tried again. They take a quarter of the limit at most.
  std::vector<DueTrouble> troubled = {};
};

struct DueRecord {
  RecordKey key;
  std::int64_t version = 0;
  // The entity's message, serialised, without description, designer state and results. Going live or Stopping; or Live,
  // with an end that came or comes within the hour; or Stopped for at least DueQuery::expire_after.
  std::string record;
};

struct DueBatch {
  Timestamp now;             // of the query, or the database's
  std::int64_t waiting = 0;  // Going live or Stopping at the moment, claimed or not; counted up to 10,001
  std::vector<DueRecord> records;
};

// One thread at a time. Both calls block, for a bounded time.
class DueWork {
 public:
  virtual ~DueWork() = default;

  // Claims records that nobody has claimed, oldest timer first. What another replica holds is skipped, nobody waits for
  // a claim, and callers' writes do not notice it. Errors as by every call of Store.
  virtual Result<DueBatch> Claim(const DueQuery& query) = 0;

  // Gives up all claims. They also end with the process and with its session.
  virtual void Release() = 0;
};

}  // namespace journeyfeed
