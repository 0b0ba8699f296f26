#include "storage/postgres/feed/change_pages.h"

#include <algorithm>

#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// The most blocks of 8 kB that one page of a load reads. Each page advises the size of the next one: up to twice as
// many blocks when there was room, at most as many as were used when the page was cut.
constexpr std::uint32_t kMostBlocks = 1024;
constexpr std::int32_t kUsualRowsPerBlock = 24;

// Columns of a page's rows. The first row is the state of the log; that of a load has further numbers.
enum ChangeColumn { kState, kLogSeq, kKind, kLogVersion, kMessage, kLoggedAt, kCallEnd, kRecordId, kLogPartition };
constexpr int kTuple = 1;
enum LoadNumber { kFileNode = kStateNumbers, kBlocks, kRowsEstimated, kFits };

Failure Behind() {
  return {.reason = pb::ERROR_REASON_FEED_REPLICA_BEHIND,
          .message = "this server has not reached the position of the token yet",
          .retry_after = 250ms};
}

Failure HistoryChanged() {
  return {.reason = pb::ERROR_REASON_FEED_HISTORY_CHANGED,
          .message =
              "the history that this token refers to was lost in a failover or restore; start again without a token"};
}

std::string Tuple(std::uint32_t block, std::uint32_t offset) {
  return "(" + std::to_string(block) + "," + std::to_string(offset) + ")";
}

Change Loaded(const Row& row, const RecordEncoder& encoder, std::uint64_t columns) {
  Change change;
  change.version = encoder.Version(row);
  change.record = encoder.Encode(row, columns);
  return change;
}

// "tid" on the wire: block, then offset.
std::pair<std::uint32_t, std::uint32_t> TupleOf(std::string_view bytes) {
  const auto byte = [&bytes](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  return {byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3), byte(4) << 8 | byte(5)};
}

std::uint32_t BlocksOf(const ChangePageRequest& call) {
  const auto usual = static_cast<std::uint32_t>(call.max_changes / kUsualRowsPerBlock);
  return std::clamp(call.blocks > 0 ? call.blocks : usual, 1U, kMostBlocks);
}

// How many blocks hold a page of records, if `blocks` of them held `rows`.
std::uint32_t Advise(std::uint32_t blocks, int rows, bool fits, std::int32_t max_changes) {
  if (!fits) return std::max(1U, blocks);
  const std::uint32_t full =
      blocks * static_cast<std::uint32_t>(max_changes) / static_cast<std::uint32_t>(std::max(rows, 1));
  return std::clamp(full - full / 16, 1U, std::max(1U, blocks * 2));
}

// How many records the load will send: the count of the last ANALYZE, else extrapolated from the part that was read.
std::int64_t EstimateRows(std::int64_t analyzed, const LoadPosition& load) {
  if (analyzed > 0) return std::max(analyzed, load.rows_done);
  return load.rows_done * std::max(load.end_block, load.block) / std::max(load.block, 1U);
}

// Moves the position to the end of a load page, and says how large the next one should be.
void MoveToEnd(const PGresult* result, const ChangePageRequest& call, std::uint32_t until, bool fits, ChangePage& page,
               LoadPosition& load) {
  const int rows = PQntuples(result);
  std::pair<std::uint32_t, std::uint32_t> end{load.block, load.offset};
  for (int i = 1; i < rows && !fits; ++i) end = std::max(end, TupleOf(Row(result, i).Bytes(kTuple)));
  if (fits) end = {until, 0};
  page.next_blocks = Advise(end.first - load.block, rows - 1, fits, call.max_changes);
  load.rows_done += rows - 1;
  load.block = end.first;
  load.offset = end.second;
}

void TakeLoaded(const PGresult* result, const RecordEncoder& encoder, std::uint64_t columns, ChangePage& page) {
  const int rows = PQntuples(result);
  page.changes.reserve(static_cast<std::size_t>(rows));
  for (int i = 1; i < rows; ++i) page.changes.push_back(Loaded(Row(result, i), encoder, columns));
}

// To be called as soon as the end of the page is known.
void TellEnd(const ChangePageRequest& call, const ChangePage& page) {
  if (call.on_end && (page.next.loading || page.head > page.next.seq)) call.on_end(page.next);
}

// Appends the rows of a log page that ends at `position` to `page`.
void TakeChanges(const PGresult* result, const RecordEncoder& encoder, std::uint64_t columns, Position position,
                 ChangePage& page) {
  // Position 0 has no row before it and counts as the end of a call.
  const Row first(result, 0);
  page.call_end = first.IsNull(kCallEnd) ? position.seq == 0 : first.Bool(kCallEnd);
  page.within_call = !page.call_end;
  std::optional<std::int64_t> ended_before;
  for (int i = 1; i < PQntuples(result); ++i) {
    const Row row(result, i);
    const char kind = row.Bytes(kKind)[0];
    const std::int64_t seq = row.Int8(kLogSeq);
    page.last_logged_at = row.Time(kLoggedAt);
    page.call_end = row.Bool(kCallEnd);
    if (kind == 'S') {
      // A change that is not shown ended its call: the change before it carries the mark, or the page if there is none.
      if (page.call_end && page.changes.empty()) ended_before = seq;
      if (page.call_end && !page.changes.empty()) page.changes.back().call_end = true;
      continue;
    }
    Change& change = page.changes.emplace_back();
    change.removed = kind == 'D';
    change.version = row.Int8(kLogVersion);
    change.seq = seq;
    change.message = static_cast<MessageName>(row.Int2(kMessage));
    change.logged_at = *page.last_logged_at;
    change.call_end = page.call_end;
    change.key = {.id = row.Id(kRecordId), .partition_id = row.Text(kLogPartition)};
    if (!change.removed) change.record = encoder.Encode(row, columns);
  }
  if (!ended_before) return;
  position.seq = *ended_before;
  page.ended_before = EndAt(position);
}

}  // namespace

Result<ChangePage> ChangePages::Read(Connection& connection, const ChangePageRequest& call) {
  if (!call.after) return Start(connection, call);
  const Result<Position> after = DecodePosition(*call.after);
  if (!after) return std::unexpected(after.error());
  if (!after->load) return ReadLog(connection, call, *after);
  if (after->load->last_id || call.partition_id) return ReadPartition(connection, call, *after, false);
  return ReadLoad(connection, call, *after, false);
}

Result<ChangePage> ChangePages::Start(Connection& connection, const ChangePageRequest& call) {
  if (call.start_at) return StartAt(connection, call);
  if (call.start_at_head) {
    auto state = State(connection, *call.entity, {});
    if (!state) return std::unexpected(state.error());
    ChangePage page;
    page.next = EndAt(Advance({.seq = state->head}, *state));
    page.call_end = state->head_ends_call;
    page.head = state->head;
    page.as_of = state->as_of;
    return page;
  }
  Position position{.load = LoadPosition{}};
  return call.partition_id ? ReadPartition(connection, call, position, true)
                           : ReadLoad(connection, call, position, true);
}

Result<ChangePage> ChangePages::ReadLoad(Connection& connection, const ChangePageRequest& call, Position position,
                                         bool first) {
  const EntityStatements& statements = StatementsOf(*call.entity);
  const LoadPosition from = *position.load;
  const std::uint32_t until = first ? BlocksOf(call) : std::min(from.end_block, from.block + BlocksOf(call));
  Params params;
  AddStatePoint(params, first ? std::nullopt : std::optional(position));
  params.Add(Tuple(from.block, from.offset));
  params.Add(Tuple(until, 0));
  params.Add(std::int64_t{call.max_changes});
  params.Add(call.max_bytes);
  params.Add(static_cast<std::int64_t>(call.columns));
  const auto began = Clock::now();
  auto result = connection.Execute(statements.load_page, params, ResultFormat::kBinary, timeout_);
  if (!result) return std::unexpected(ToFailure(result.error()));

  const auto numbers = Row(result->get(), 0).Int8Array(kState);
  const LogState state = LogState::From(numbers);
  const std::int64_t file_node = numbers.at(kFileNode).value_or(0);
  const auto relation_blocks = static_cast<std::uint32_t>(numbers.at(kBlocks).value_or(0));
  if (first) {
    position.seq = state.head;
    position.load->end_block = relation_blocks;
  } else {
    if (auto checked = Check(connection, *call.entity, state, position, began); !checked)
      return std::unexpected(checked.error());
    if (from.file_node != file_node || from.system_identifier != state.system_identifier) {
      // The physical layout changed, so block numbers from before mean nothing. The start of the changes stays, because
      // only the log names records that were sent and then deleted.
      Position again = Advance(position, state);
      again.load = LoadPosition{
          .end_block = relation_blocks, .file_node = file_node, .system_identifier = state.system_identifier};
      return ReadLoad(connection, call, again, false);
    }
  }

  ChangePage page;
  page.head = state.head;
  page.as_of = state.as_of;
  position = Advance(position, state);
  position.load->file_node = file_node;
  position.load->system_identifier = state.system_identifier;
  MoveToEnd(result->get(), call, until, numbers.at(kFits) == 1, page, *position.load);
  page.rows_estimated = EstimateRows(numbers.at(kRowsEstimated).value_or(0), *position.load);
  if (position.load->block >= position.load->end_block) {
    position.load.reset();
    page.load_ended = true;
  }
  page.next = EndAt(position);
  TellEnd(call, page);
  TakeLoaded(result->get(), statements.loaded, call.columns, page);
  return page;
}

Result<ChangePage> ChangePages::ReadPartition(Connection& connection, const ChangePageRequest& call, Position position,
                                              bool first) {
  const EntityStatements& statements = StatementsOf(*call.entity);
  Params params;
  AddStatePoint(params, first ? std::nullopt : std::optional(position));
  params.Add(position.load->last_id);
  params.Add(std::int64_t{call.max_changes});
  params.Add(call.max_bytes);
  params.Add(static_cast<std::int64_t>(call.columns));
  params.Add(std::string_view(*call.partition_id));
  const auto began = Clock::now();
  auto result = connection.Execute(statements.partition_page, params, ResultFormat::kBinary, timeout_);
  if (!result) return std::unexpected(ToFailure(result.error()));

  const LogState state = LogState::From(Row(result->get(), 0).Int8Array(kState));
  if (first) {
    position.seq = state.head;
  } else if (auto checked = Check(connection, *call.entity, state, position, began); !checked) {
    return std::unexpected(checked.error());
  }
  ChangePage page;
  page.head = state.head;
  page.as_of = state.as_of;
  position = Advance(position, state);
  const int rows = PQntuples(result->get());
  position.load->rows_done += rows - 1;
  if (rows == 1) {
    position.load.reset();
    page.load_ended = true;
  } else {
    position.load->last_id = statements.loaded_by_key.Id(Row(result->get(), rows - 1));
  }
  page.next = EndAt(position);
  TellEnd(call, page);
  TakeLoaded(result->get(), statements.loaded_by_key, call.columns, page);
  return page;
}

Result<ChangePage> ChangePages::ReadLog(Connection& connection, const ChangePageRequest& call,
                                        const Position& position) {
  const EntityStatements& statements = StatementsOf(*call.entity);
  Params params;
  AddStatePoint(params, position);
  params.Add(position.seq);
  params.Add(std::int64_t{call.max_changes});
  params.Add(call.max_bytes);
  params.Add(static_cast<std::int64_t>(call.columns));
  params.Add(call.partition_id ? std::optional<std::string_view>(*call.partition_id) : std::nullopt);
  const auto began = Clock::now();
  auto result = connection.Execute(statements.changes_page, params, ResultFormat::kBinary, timeout_);
  if (!result) return std::unexpected(ToFailure(result.error()));

  const LogState state = LogState::From(Row(result->get(), 0).Int8Array(kState));
  if (auto checked = Check(connection, *call.entity, state, position, began); !checked)
    return std::unexpected(checked.error());
  ChangePage page;
  page.head = state.head;
  page.as_of = state.as_of;
  Position end = Advance(position, state);
  const int rows = PQntuples(result->get());
  if (rows > 1) end.seq = Row(result->get(), rows - 1).Int8(kLogSeq);
  page.next = EndAt(end);
  TellEnd(call, page);
  TakeChanges(result->get(), statements.changed, call.columns, end, page);
  return page;
}

Result<void> ChangePages::Check(Connection& connection, const dictionary::Entity& entity, const LogState& state,
                                const Position& position, Clock::time_point began) {
  switch (
      Judge(state, position.history, position.timeline, position.seq, position.high_water, position.high_water_nonce)) {
    case PositionVerdict::kContinue:
      return {};
    case PositionVerdict::kBehind:
      return std::unexpected(Behind());
    case PositionVerdict::kExpired:
      return std::unexpected(ExpiredBefore(state));
    case PositionVerdict::kHistoryChanged:
      return std::unexpected(HistoryChanged());
    case PositionVerdict::kNewerTimeline:
      // An old primary is fenced soon. After the grace period, decide anyway.
      if (question_.ShownFor(entity, position) < old_primary_patience_) return std::unexpected(Behind());
      break;
    case PositionVerdict::kAskPrimary:
      break;
  }
  return AskPrimary(connection, entity, position, began);
}

// A synchronous standby shows a commit before its primary does, so a head below the high water proves nothing by
// itself. A transaction that commits holds the feed lock: once the lock was free, a new statement shows every commit
// from before.
Result<void> ChangePages::AskPrimary(Connection& connection, const dictionary::Entity& entity, const Position& position,
                                     Clock::time_point began) {
  if (question_.Settled(entity, position, began)) return std::unexpected(HistoryChanged());
  // Another thread asks or has just asked: the next page of this position uses its answer.
  if (!question_.Ask(entity)) return std::unexpected(Behind());
  static const Statement kTakeLock{"feed_lock_shared",
                                   "select pg_advisory_xact_lock_shared(journeyfeed.feed_lock_class(), $1::integer)"};
  Params params;
  params.Add(std::int32_t{entity.id});
  const bool taken = connection.Execute(kTakeLock, params, ResultFormat::kBinary, timeout_).has_value();
  question_.Asked(entity, taken);
  if (!taken) return std::unexpected(Behind());
  auto state = State(connection, entity, {.history = position.history, .seq = position.high_water});
  if (!state) return std::unexpected(state.error());
  switch (Judge(*state, position.history, position.timeline, position.seq, position.high_water,
                position.high_water_nonce)) {
    case PositionVerdict::kAskPrimary:
    case PositionVerdict::kNewerTimeline:
    case PositionVerdict::kHistoryChanged:
      return std::unexpected(HistoryChanged());
    default:
      // Visible by now, or still undecided: the next page decides.
      return std::unexpected(Behind());
  }
}

Result<LogState> ChangePages::State(Connection& connection, const dictionary::Entity& entity, const LogPoint& point) {
  Params params;
  params.Add(point.history);
  params.Add(point.seq);
  auto result = connection.Execute(StatementsOf(entity).log_state, params, ResultFormat::kBinary, timeout_);
  if (!result) return std::unexpected(ToFailure(result.error()));
  return LogState::From(Row(result->get(), 0).Int8Array(kState));
}

Result<void> ChangePages::Await(Connection& connection, const dictionary::Entity& entity,
                                const std::optional<CommitPoint>& not_before) {
  if (!not_before) return {};
  const Result<LogPoint> decoded = DecodePoint(*not_before);
  if (!decoded) return std::unexpected(decoded.error());
  const LogPoint& point = *decoded;
  const auto began = Clock::now();
  auto state = State(connection, entity, point);
  if (!state) return std::unexpected(state.error());
  const bool same_history =
      point.history == state->history || (state->known && point.seq <= state->fork_seq.value_or(0));
  // The row of a point below the floor is removed, so this server has passed it.
  if (same_history && point.seq < state->floor) return {};
  return Check(connection, entity, *state,
               {.history = point.history,
                .timeline = point.timeline,
                .seq = point.seq,
                .high_water = point.seq,
                .high_water_nonce = point.nonce},
               began);
}

}  // namespace journeyfeed::postgres
