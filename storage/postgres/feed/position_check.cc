#include "storage/postgres/feed/position_check.h"

namespace journeyfeed::postgres {

LogState LogState::From(const std::vector<std::optional<std::int64_t>>& numbers) {
  const auto number = [&numbers](std::size_t i) { return numbers.at(i).value_or(0); };
  LogState state;
  state.in_recovery = number(0) != 0;
  state.history = number(1);
  state.timeline = static_cast<std::int32_t>(number(2));
  state.floor = number(3);
  state.floor_nonce = number(4);
  state.head = number(5);
  state.head_nonce = number(6);
  state.system_identifier = number(7);
  state.known = number(8) != 0;
  state.fork_seq = numbers.at(9);
  state.nonce_at_high_water = numbers.at(10);
  state.as_of = Timestamp{number(11)};
  state.head_ends_call = numbers.at(12).value_or(1) != 0;
  return state;
}

Position Advance(Position position, const LogState& state) {
  position.history = state.history;
  position.timeline = state.timeline;
  if (state.head >= position.high_water) {
    position.high_water = state.head;
    position.high_water_nonce = state.head_nonce;
  }
  return position;
}

Position OldestPosition(const LogState& state) {
  return {.history = state.history,
          .timeline = state.timeline,
          .seq = state.floor,
          .high_water = state.floor,
          .high_water_nonce = state.floor_nonce};
}

PositionVerdict Judge(const LogState& state, std::int64_t history, std::int32_t timeline, std::int64_t oldest,
                      std::int64_t high_water, std::int64_t nonce) {
  if (history != state.history) {
    // Unknown and of a newer timeline: this server is probably an old primary that does not know it yet. (The timeline
    // of a known history says nothing: a dump of a cluster with a higher timeline may have been restored here.)
    if (!state.known && state.in_recovery) return PositionVerdict::kBehind;
    if (!state.known) return timeline > state.timeline ? PositionVerdict::kNewerTimeline : PositionVerdict::kAskPrimary;
    // Numbers above the fork were lost with the server that issued them.
    if (high_water > state.fork_seq.value_or(state.head)) return PositionVerdict::kHistoryChanged;
  }
  if (high_water > state.head) return state.in_recovery ? PositionVerdict::kBehind : PositionVerdict::kAskPrimary;
  // A position needs the rows after `oldest`; that row itself may be gone.
  if (oldest < state.floor) return PositionVerdict::kExpired;
  if (high_water == state.floor) {
    return nonce == state.floor_nonce ? PositionVerdict::kContinue : PositionVerdict::kHistoryChanged;
  }
  return state.nonce_at_high_water == nonce ? PositionVerdict::kContinue : PositionVerdict::kHistoryChanged;
}

}  // namespace journeyfeed::postgres
