// Judge: every rule about a position and a log, as a table.
#include <gtest/gtest.h>

#include <ostream>

#include "storage/postgres/feed/position_check.h"

namespace journeyfeed::postgres {

std::ostream& operator<<(std::ostream& out, PositionVerdict verdict) {
  switch (verdict) {
    case PositionVerdict::kContinue:
      return out << "continue";
    case PositionVerdict::kBehind:
      return out << "behind";
    case PositionVerdict::kNewerTimeline:
      return out << "newer timeline";
    case PositionVerdict::kAskPrimary:
      return out << "ask primary";
    case PositionVerdict::kExpired:
      return out << "expired";
    case PositionVerdict::kHistoryChanged:
      return out << "history changed";
  }
  return out << static_cast<int>(verdict);
}

namespace {

constexpr std::int64_t kIncarnation = 100, kOlder = 99, kUnknown = 98;
constexpr std::int64_t kNonce = 7, kOtherNonce = 8, kFloorNonce = 9;

// A primary on timeline 2; the log has 50 .. 90, where 50 is only remembered as the floor.
LogState Primary() {
  LogState state;
  state.history = kIncarnation;
  state.timeline = 2;
  state.floor = 50;
  state.floor_nonce = kFloorNonce;
  state.head = 90;
  state.known = true;
  state.nonce_at_high_water = kNonce;
  return state;
}

struct Case {
  const char* what;
  std::function<void(LogState&)> change;
  std::int64_t history = kIncarnation;
  std::int32_t timeline = 2;
  std::int64_t oldest = 60, high_water = 80, nonce = kNonce;
  PositionVerdict verdict = PositionVerdict::kContinue;
};

void Nothing(LogState&) {}
void Recovery(LogState& state) { state.in_recovery = true; }
void Forgotten(LogState& state) { state.known = false; }
void Absent(LogState& state) { state.nonce_at_high_water.reset(); }
auto Fork(std::int64_t seq) {
  return [seq](LogState& state) { state.fork_seq = seq; };
}
auto Both(auto a, auto b) {
  return [a, b](LogState& state) {
    a(state);
    b(state);
  };
}

const Case kCases[] = {
    {.what = "the same history", .change = Nothing},
    {.what = "at the head", .change = Nothing, .oldest = 90, .high_water = 90},
    {.what = "another row at the high water",
     .change = Nothing,
     .nonce = kOtherNonce,
     .verdict = PositionVerdict::kHistoryChanged},
    {.what = "no row at the high water", .change = Absent, .verdict = PositionVerdict::kHistoryChanged},
    // A server that is behind.
    {.what = "a standby that lags", .change = Recovery, .high_water = 91, .verdict = PositionVerdict::kBehind},
    {.what = "a primary that shows less", .change = Nothing, .high_water = 91, .verdict = PositionVerdict::kAskPrimary},
    {.what = "a standby that is there", .change = Recovery},
    // The floor.
    {.what = "older than the floor", .change = Nothing, .oldest = 49, .verdict = PositionVerdict::kExpired},
    {.what = "exactly at the floor", .change = Nothing, .oldest = 50},
    {.what = "high water at the floor", .change = Absent, .oldest = 50, .high_water = 50, .nonce = kFloorNonce},
    {.what = "high water at the floor, other row",
     .change = Absent,
     .oldest = 50,
     .high_water = 50,
     .verdict = PositionVerdict::kHistoryChanged},
    {.what = "all below the floor",
     .change = Absent,
     .oldest = 40,
     .high_water = 45,
     .verdict = PositionVerdict::kExpired},
    // Older histories.
    {.what = "before the fork", .change = Fork(85), .history = kOlder, .timeline = 1},
    {.what = "exactly at the fork", .change = Fork(80), .history = kOlder, .timeline = 1},
    {.what = "saw what was lost",
     .change = Fork(79),
     .history = kOlder,
     .timeline = 1,
     .verdict = PositionVerdict::kHistoryChanged},
    {.what = "saw what was lost, above the head",
     .change = Fork(79),
     .history = kOlder,
     .timeline = 1,
     .high_water = 95,
     .verdict = PositionVerdict::kHistoryChanged},
    {.what = "before the fork, rolled back too",
     .change = Fork(85),
     .history = kOlder,
     .timeline = 1,
     .nonce = kOtherNonce,
     .verdict = PositionVerdict::kHistoryChanged},
    {.what = "before the fork, expired",
     .change = Fork(85),
     .history = kOlder,
     .timeline = 1,
     .oldest = 49,
     .verdict = PositionVerdict::kExpired},
    {.what = "a standby that has the fork but not yet the rows",
     .change = Both(Recovery, Fork(95)),
     .history = kOlder,
     .timeline = 1,
     .high_water = 94,
     .verdict = PositionVerdict::kBehind},
    // A dump of timeline 3, restored into a cluster of timeline 2: the history is known, only its number is higher.
    {.what = "a known history of a higher timeline", .change = Fork(85), .history = kOlder, .timeline = 3},
    {.what = "a known history of a higher timeline, lost tail",
     .change = Fork(79),
     .history = kOlder,
     .timeline = 3,
     .verdict = PositionVerdict::kHistoryChanged},
    // Histories that this server does not know.
    {.what = "unknown to a primary", .change = Forgotten, .history = kUnknown, .verdict = PositionVerdict::kAskPrimary},
    {.what = "unknown to a standby",
     .change = Both(Recovery, Forgotten),
     .history = kUnknown,
     .verdict = PositionVerdict::kBehind},
    {.what = "unknown and of a newer timeline: an old primary",
     .change = Forgotten,
     .history = kUnknown,
     .timeline = 3,
     .verdict = PositionVerdict::kNewerTimeline},
    {.what = "unknown and of a newer timeline, on a standby",
     .change = Both(Recovery, Forgotten),
     .history = kUnknown,
     .timeline = 3,
     .verdict = PositionVerdict::kBehind},
};

TEST(JudgeTest, EveryRule) {
  for (const Case& each : kCases) {
    LogState state = Primary();
    each.change(state);
    EXPECT_EQ(Judge(state, each.history, each.timeline, each.oldest, each.high_water, each.nonce), each.verdict)
        << each.what;
  }
}

TEST(JudgeTest, EveryVerdictHasAName) {
  EXPECT_EQ(::testing::PrintToString(PositionVerdict::kNewerTimeline), "newer timeline");
  EXPECT_EQ(::testing::PrintToString(PositionVerdict::kHistoryChanged), "history changed");
}

// For every position of one history there is exactly one reason to refuse it.
TEST(JudgeTest, WithinOneHistoryOnlyFloorHeadAndNonceDecide) {
  const LogState state = Primary();
  for (std::int64_t high_water = 50; high_water <= 95; ++high_water) {
    for (std::int64_t oldest = 40; oldest <= high_water; ++oldest) {
      const PositionVerdict verdict =
          Judge(state, kIncarnation, 2, oldest, high_water, high_water == 50 ? kFloorNonce : kNonce);
      const PositionVerdict wanted = high_water > 90 ? PositionVerdict::kAskPrimary
                                     : oldest < 50   ? PositionVerdict::kExpired
                                                     : PositionVerdict::kContinue;
      EXPECT_EQ(verdict, wanted) << oldest << " " << high_water;
    }
  }
}

}  // namespace
}  // namespace journeyfeed::postgres
