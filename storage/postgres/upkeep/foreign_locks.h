// Finds foreign connections that hold what the service waits for. Advisory locks belong to the database, not to a
// schema: every role that may connect can take the service's locks, and an administrator's transaction can hold its
// rows. PostgreSQL only reports that a lock was not obtained in time; this names the process that holds it.
#pragma once

#include <prometheus/gauge.h>

#include <chrono>
#include <map>

#include "storage/postgres/connection/connection.h"

namespace journeyfeed::postgres {

// One thread at a time.
class ForeignLocks {
 public:
  // `longest`: for how many seconds the longest blocker is known to block; zero when there is none.
  explicit ForeignLocks(prometheus::Gauge& longest) : longest_(longest) {}

  // Looks for foreign connections that block a connection of the service, on this or another replica. Looks at most
  // once a second, however often it is called. Logs each blocker when it is first seen, then every half minute.
  void Poll(Connection& connection);

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
