// Positions in an entity's feed and its log, as services see them: bytes that only the store reads and writes. Services
// seal them into tokens (services/feed/token.h) and give them back.
#pragma once

#include <cstdint>
#include <string>

namespace journeyfeed {

// Where a consumer of a feed is: the contents of a data token. The first byte tells the kinds of positions apart, and
// is neither 'S' nor 'Q' (services/feed/token.cc).
struct ChangePosition {
  std::string bytes;
  bool operator==(const ChangePosition&) const = default;
};

// The commit that a write reached: the contents of a read-your-writes token.
struct CommitPoint {
  std::string bytes;
  bool operator==(const CommitPoint&) const = default;
};

// The position at which a page ends, and what services may know of it.
struct PageEnd {
  ChangePosition position = {};
  // Everything up to this log row is delivered. In a load: the head when it began, where the changes will start.
  std::int64_t seq = 0;
  bool loading = false;  // in a load
  // The position is a state that the database had (except rows that have expired and whose deletion is not logged yet).
  bool consistent = false;
  std::int64_t rows_done = 0;  // of the load
  std::int64_t history = 0;    // equal numbers: the same history on the same timeline
};

}  // namespace journeyfeed
