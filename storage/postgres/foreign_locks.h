// Who else holds what the service waits for. Advisory locks are of the database, not of a schema: every role that may
// connect can take those of the service, and an administrator's transaction can hold its rows. The database would only
// say that a lock was not obtained in time; this names the session that has it.
#pragma once

#include <prometheus/gauge.h>

#include <chrono>
#include <map>

#include "storage/postgres/connection.h"

namespace journeyfeed::postgres {

// One thread at a time.
class ForeignLocks {
 public:
  // `longest`: how many seconds the longest blocker is known to block; zero when there is none.
  explicit ForeignLocks(prometheus::Gauge& longest) : longest_(longest) {}

  // Looks for foreign sessions that block a session of the service, on this or another replica. Looks at most once a
  // second, however often it is called. Logs each blocker when it is first seen, then every half minute.
  void Look(Connection& connection);

 private:
  using Clock = std::chrono::steady_clock;
  struct Sighting {
    Clock::time_point first, last, told;
  };

  void Note(const Row& holder, Clock::time_point now);

  prometheus::Gauge& longest_;
  std::map<std::int32_t, Sighting> sightings_;  // by process
  Clock::time_point look_at_;
};

}  // namespace journeyfeed::postgres
