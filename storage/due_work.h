// Customer journeys that wait for the service itself: those that a caller set to Going live or Stopping, and those
// whose time has come (docs/lifecycle.md). Claims keep replicas from doing the same work twice, but do not make a step
// happen once: if_match on the claimed version does that.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/failure.h"
#include "storage/types.h"

namespace journeyfeed {

// A record whose last step failed. While it has this version it is claimed only when it is due.
struct DueTrouble {
  RecordKey key;
  std::int64_t version = 0;
  bool due = false;  // to be tried again
};

struct DueQuery {
  std::optional<Timestamp> now = {};  // absent: the database's clock
  int limit = 256;                    // most records
  std::int64_t max_bytes = 16 << 20;  // of all workflow definitions together; at least one record is returned
  bool timers = true;                 // also look for ends and expiries, not only for what callers asked for
  std::chrono::milliseconds expire_after = std::chrono::hours(24 * 30);  // records that were stopped for so long expire
  // In the order of their retry times. They take at most a quarter of the limit.
  std::vector<DueTrouble> troubled = {};
};

struct DueRecord {
  RecordKey key;
  std::int64_t version = 0;
  // The entity's message, serialised, without description, designer state and results. The record is Going live or
  // Stopping; or Live with an end that has come or comes within the hour; or Stopped for at least
  // DueQuery::expire_after.
  std::string record;
};

struct DueBatch {
  Timestamp now;             // that of the query, or the database's
  std::int64_t waiting = 0;  // Going live or Stopping now, claimed or not; counted up to 10,001
  std::vector<DueRecord> records;
};

// One thread at a time. Both calls block for a bounded time.
class DueWork {
 public:
  virtual ~DueWork() = default;

  // Claims records that are not claimed, oldest timer first. Skips records that another replica holds; never waits, and
  // never blocks callers. Fails with the errors common to all Store calls.
  virtual Result<DueBatch> Claim(const DueQuery& query) = 0;

  // Releases all claims. They also end with the process or its database connection.
  virtual void Release() = 0;
};

}  // namespace journeyfeed
