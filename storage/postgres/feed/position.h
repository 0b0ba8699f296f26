// What is inside the positions that the store gives out (storage/change_position.h). The bytes are part of tokens that
// consumers keep, so a release must read those of the releases before it.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/change_position.h"
#include "storage/failure.h"
#include "storage/types.h"

namespace journeyfeed::postgres {

// The place in an initial load.
struct LoadPosition {
  // In physical order: the last tuple that was read, the block before which the load ends, and the file node and system
  // identifier for which these numbers are valid.
  std::uint32_t block = 0;
  std::uint32_t offset = 0;
  std::uint32_t end_block = 0;
  std::int64_t file_node = 0;
  std::int64_t system_identifier = 0;
  // By key (load of one partition): the last id.
  std::optional<Uuid> last_id = {};
  std::int64_t rows_done = 0;

  bool operator==(const LoadPosition&) const = default;
};

// A position in an entity's feed.
struct Position {
  std::int64_t history = 0;
  std::int32_t timeline = 0;
  // Everything up to this log row is delivered. In a load: the head when it began, where the changes will start.
  std::int64_t seq = 0;
  // The head of the newest snapshot that contributed to anything delivered or skipped so far, and the nonce of its log
  // row.
  std::int64_t high_water = 0;
  std::int64_t high_water_nonce = 0;
  std::optional<LoadPosition> load = {};

  bool consistent() const { return !load && seq >= high_water; }
  bool operator==(const Position&) const = default;
};

// A row of an entity's log.
struct LogPoint {
  std::int64_t history = 0;
  std::int32_t timeline = 0;
  std::int64_t seq = 0;
  std::int64_t nonce = 0;
  bool operator==(const LogPoint&) const = default;
};

ChangePosition EncodePosition(const Position& position);
PageEnd EndAt(const Position& position);
// FEED_TOKEN_INVALID: bytes of another release.
Result<Position> DecodePosition(const ChangePosition& position);

CommitPoint EncodePoint(const LogPoint& point);
// SESSION_TOKEN_INVALID: bytes of another release.
Result<LogPoint> DecodePoint(const CommitPoint& point);

// See the methods of Store with these names.
ChangePosition RestartLoad(const ChangePosition& position);
CommitPoint LaterPoint(const CommitPoint& a, const CommitPoint& b);
PageEnd EndBefore(const PageEnd& end, std::int64_t seq);

}  // namespace journeyfeed::postgres
