// Decides whether a position in an entity's log can be continued on this server: the rules of docs/life-of-a-change.md,
// as one function of what a page's own snapshot shows.
#pragma once

#include <optional>
#include <vector>

#include "storage/postgres/feed/position.h"
#include "storage/types.h"

namespace journeyfeed::postgres {

// The log as one snapshot shows it (queries/state.sql).
struct LogState {
  bool in_recovery = false;
  std::int64_t history = 0;  // the current one
  std::int32_t timeline = 0;
  std::int64_t floor = 0;
  std::int64_t floor_nonce = 0;
  std::int64_t head = 0;
  std::int64_t head_nonce = 0;
  std::int64_t system_identifier = 0;
  // About the position's incarnation and high water.
  bool known = false;
  std::optional<std::int64_t> fork_seq;
  std::optional<std::int64_t> nonce_at_high_water;
  Timestamp as_of;
  bool head_ends_call = true;  // the log row at the head ends a client call, or there is none

  // From the numbers of queries/state.sql. Precondition: at least kStateNumbers.
  static LogState From(const std::vector<std::optional<std::int64_t>>& numbers);
};

// How many numbers the state has; a page's own numbers follow them.
inline constexpr std::size_t kStateNumbers = 13;

// A position after a page whose snapshot showed `state`.
Position Advance(Position position, const LogState& state);
// The first position that can still be used.
Position OldestPosition(const LogState& state);

enum class PositionVerdict {
  kContinue,
  kBehind,         // this server does not have it yet, or cannot tell: hold the call, then UNAVAILABLE
  kNewerTimeline,  // its history is unknown, and its timeline newer than this server's
  kAskPrimary,     // the head is below the position on a server that is not in recovery: decide under the feed lock
  kExpired,
  kHistoryChanged,
};

// Judges what every position carries: incarnation, timeline, how far back it reaches (`oldest`: the log rows after it
// are needed) and its high water with nonce.
PositionVerdict Judge(const LogState& state, std::int64_t history, std::int32_t timeline, std::int64_t oldest,
                      std::int64_t high_water, std::int64_t nonce);

}  // namespace journeyfeed::postgres
