#include "storage/postgres/feed/position_check.h"

namespace journeyfeed::postgres {

LogState LogState::From(const std::vector<std::optional<std::int64_t>>& numbers) {
  const auto number = [&numbers](std::size_t i) { return numbers.at(i).value_or(0); };
  LogState state;
  state.in_recovery = number(0) != 0;
  state.incarnation = number(1);
  state.timeline = static_cast<std::int32_t>(number(2));
  state.removed = number(3);
  state.removed_nonce = number(4);
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

Verdict Judge(const LogState& state, std::int64_t incarnation, std::int32_t timeline, std::int64_t oldest,
              std::int64_t high_water, std::int64_t nonce) {
  if (incarnation != state.incarnation) {
    // Unknown and of a newer timeline: this server is probably an old primary that does not know it yet. (The timeline
    // of a known history says nothing: a dump of a cluster with a higher timeline may have been restored here.)
    if (!state.known && state.in_recovery) return Verdict::kBehind;
    if (!state.known) return timeline > state.timeline ? Verdict::kNewerTimeline : Verdict::kAskPrimary;
    // Numbers above the fork were lost with the server that issued them.
    if (high_water > state.fork_seq.value_or(state.head)) return Verdict::kHistoryChanged;
  }
  if (high_water > state.head) return state.in_recovery ? Verdict::kBehind : Verdict::kAskPrimary;
  // A position needs the rows after `oldest`; that row itself may be gone.
  if (oldest < state.removed) return Verdict::kExpired;
  if (high_water == state.removed) {
    return nonce == state.removed_nonce ? Verdict::kContinue : Verdict::kHistoryChanged;
  }
  return state.nonce_at_high_water == nonce ? Verdict::kContinue : Verdict::kHistoryChanged;
}

}  // namespace journeyfeed::postgres
