// The parts of ChangePages that say where a feed begins and ends.
#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/feed/change_pages.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// Columns of the answers; the first one is the state of the log.
enum StartColumn { kState, kStartSeq, kStartExpired };
enum WindowColumn { kOldestTime = 1, kNewestTime, kLastSeq, kPendingRows, kPendingSince };

// How far a caller's clock may be ahead of the database's.
constexpr std::chrono::microseconds kClockSkew = 60s;

Failure InTheFuture() {
  return InvalidFields(
      {{"changed_since", "is more than a minute ahead of the database's clock", pb::ERROR_REASON_INVALID_DATE_TIME}});
}

std::optional<Timestamp> TimeOrNull(const Row& row, int column) {
  return row.IsNull(column) ? std::nullopt : std::optional(row.Time(column));
}

}  // namespace

Failure ChangePages::ExpiredBefore(const LogState& state) {
  return Failure{.reason = pb::ERROR_REASON_EXPIRED_VERSION_STAMP,
                 .message = "the token is older than the kept history; start again without a token"}
      .With("oldest_sequence_number", std::to_string(state.floor))
      .With(kOldestPosition, EncodePosition(OldestPosition(state)).bytes);
}

void ChangePages::AddStatePoint(Params& params, const std::optional<Position>& position) {
  if (position) {
    params.Add(position->history);
    params.Add(position->high_water);
  } else {
    params.AddNull();
    params.AddNull();
  }
}

Result<ChangePage> ChangePages::StartAt(Connection& connection, const ChangePageRequest& call) {
  Params params;
  AddStatePoint(params, std::nullopt);
  params.AddValue(*call.start_at);
  auto result = connection.Execute(StatementsOf(*call.entity).position_at, params, ResultFormat::kBinary, timeout_);
  if (!result) return std::unexpected(ToFailure(result.error()));
  const Row row(result->get(), 0);
  const LogState state = LogState::From(row.Int8Array(kState));
  if (*call.start_at > Timestamp{state.as_of.micros + kClockSkew.count()}) return std::unexpected(InTheFuture());
  if (row.Bool(kStartExpired)) return std::unexpected(ExpiredBefore(state));
  ChangePage page;
  page.next = EndAt(Advance({.seq = row.Int8(kStartSeq)}, state));
  page.call_end = true;
  page.head = state.head;
  page.as_of = state.as_of;
  return page;
}

Result<ChangeWindow> ChangePages::ReadWindow(Connection& connection, const ChangeWindowRequest& call) {
  std::optional<Position> after;
  if (call.after) {
    const Result<Position> decoded = DecodePosition(*call.after);
    if (!decoded) return std::unexpected(decoded.error());
    after = *decoded;
  }
  Params params;
  AddStatePoint(params, after);
  params.Add(after ? std::optional(after->seq) : std::nullopt);
  params.Add(call.partition_id ? std::optional<std::string_view>(*call.partition_id) : std::nullopt);
  params.Add(call.count_limit);
  const auto began = Clock::now();
  auto result = connection.Execute(StatementsOf(*call.entity).change_window, params, ResultFormat::kBinary, timeout_);
  if (!result) return std::unexpected(ToFailure(result.error()));
  const Row row(result->get(), 0);
  const LogState state = LogState::From(row.Int8Array(kState));
  if (after) {
    if (auto checked = Check(connection, *call.entity, state, *after, began); !checked)
      return std::unexpected(checked.error());
  }
  return ChangeWindow{.oldest = EndAt(OldestPosition(state)),
                      .newest = EndAt(Advance({.seq = state.head}, state)),
                      .oldest_logged_at = TimeOrNull(row, kOldestTime),
                      .newest_logged_at = TimeOrNull(row, kNewestTime),
                      .as_of = state.as_of,
                      .pending = row.Int8(kPendingRows),
                      .more_pending = row.Int8Or(kLastSeq, state.head) < state.head,
                      .pending_since = TimeOrNull(row, kPendingSince)};
}

}  // namespace journeyfeed::postgres
