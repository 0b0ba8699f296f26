// Rounds of rotation at any time that the test chooses, and their results.
#pragma once

#include <memory>
#include <string>

#include "storage/postgres/upkeep/log_rotation.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {

inline constexpr std::int64_t kWidth = 16777216;  // sequence numbers of a partition

// One thread at a time.
class Rotator {
 public:
  // Connects; reconnects after the connection was lost.
  explicit Rotator(const FeedDatabase& database) : database_(database) {}

  // Runs one round as if `days` had passed. Returns whether it succeeded.
  bool Round(double days, int retention_days = 7);

  // The log's partitions by hexadecimal number, with an exclamation mark for those being detached: "0! 1 2 3".
  std::string Partitions() const;
  std::int64_t Removed() const;
  // What the store would have counted.
  double removed() const { return metrics_.Of(Sessions()).rotation.removed->Value(); }
  double closed() const { return metrics_.Of(Sessions()).rotation.closed->Value(); }
  double outcomes_removed() const { return metrics_.upkeep().outcomes_removed->Value(); }

 private:
  const FeedDatabase& database_;
  const postgres::StoreMetrics metrics_{nullptr};
  std::unique_ptr<postgres::Connection> session_;
};

// A transaction that has a table open, like a dump or a careless administrator.
class OpenReader {
 public:
  explicit OpenReader(const FeedDatabase& database,
                      const std::string& statement = "select count(*) from journeyfeed.journey_run_session_log");
  void End() { session_.reset(); }

 private:
  std::unique_ptr<postgres::Connection> session_;
};

}  // namespace journeyfeed::testing
