#include "storage/postgres/position_check.h"

namespace journeyfeed::postgres {

LogState LogState::From(const Row& row) {
  LogState state;
  state.in_recovery = row.Bool(0);
  state.incarnation = row.Int8(1);
  state.timeline = row.Int4(2);
  state.removed = row.Int8(3);
  state.removed_nonce = row.Int8(4);
  state.head = row.Int8(5);
  state.head_nonce = row.Int8(6);
  state.system_identifier = row.Int8(7);
  state.known = row.Bool(8);
  if (!row.IsNull(9)) state.fork_seq = row.Int8(9);
  if (!row.IsNull(10)) state.nonce_at_high_water = row.Int8(10);
  state.as_of = row.Time(11);
  return state;
}

Verdict Judge(const LogState& state, std::int64_t incarnation, std::int32_t timeline, std::int64_t oldest, std::int64_t high_water,
              std::int64_t nonce) {
  // The position was issued by a server of a newer timeline: this one is an old primary that does not know it yet.
  if (timeline > state.timeline) return Verdict::kBehind;
  if (incarnation != state.incarnation) {
    if (!state.known) return state.in_recovery ? Verdict::kBehind : Verdict::kAskPrimary;
    // Numbers above the fork were lost with the server that issued them.
    if (high_water > state.fork_seq.value_or(state.head)) return Verdict::kHistoryChanged;
  }
  if (high_water > state.head) return state.in_recovery ? Verdict::kBehind : Verdict::kAskPrimary;
  // A position reaches back to the rows after `oldest`; that row itself may be gone.
  if (oldest < state.removed) return Verdict::kExpired;
  if (high_water == state.removed) {
    return nonce == state.removed_nonce ? Verdict::kContinue : Verdict::kHistoryChanged;
  }
  return state.nonce_at_high_water == nonce ? Verdict::kContinue : Verdict::kHistoryChanged;
}

}  // namespace journeyfeed::postgres
