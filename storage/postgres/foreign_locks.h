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
  // `longest`: seconds for which the longest of them is known to block; zero: nobody does.
  explicit ForeignLocks(prometheus::Gauge& longest) : longest_(longest) {}

  // Looks once a second, whoever calls how often, for sessions that are not the service's and block one of it, on this
  // or another replica. Each is named in the log when it is first seen, then every half minute.
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
