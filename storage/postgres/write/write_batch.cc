#include "storage/postgres/write/write_batch.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "storage/dictionary/state.h"
#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/feed/position.h"
#include "storage/postgres/sql/sql_template.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

using dictionary::Column;
using dictionary::ColumnType;
using dictionary::Entity;
using Element = ArrayBuilder::Element;

Element ElementOf(ColumnType type) {
  switch (type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return Element::kUuid;
    case ColumnType::kInteger:
    case ColumnType::kPicklist:
    case ColumnType::kState:
    case ColumnType::kStatus:
      return Element::kInt4;
    case ColumnType::kBigInt:
      return Element::kInt8;
    case ColumnType::kBoolean:
      return Element::kBool;
    case ColumnType::kDateTime:
      return Element::kTimestamptz;
    case ColumnType::kString:
    case ColumnType::kMemo:
    case ColumnType::kEntityName:
      break;
  }
  return Element::kText;
}

// An array with one element per row of the batch.
template <typename Get>
std::string Collect(Element element, const std::vector<const WriteRequest*>& calls, Get get) {
  ArrayBuilder array(element);
  for (std::size_t call = 0; call < calls.size(); ++call) {
    for (std::size_t row = 0; row < calls[call]->rows.size(); ++row)
      array.Add(get(*calls[call], calls[call]->rows[row], call, row));
  }
  return std::move(array).TakeText();
}

std::string CollectValues(const Entity& entity, const Column& column, const std::vector<const WriteRequest*>& calls) {
  const std::size_t index = static_cast<std::size_t>(&column - entity.columns.data());
  ArrayBuilder array(ElementOf(column.type));
  for (const WriteRequest* call : calls) {
    for (const WriteRow& row : call->rows) {
      if (index < row.values.size() && (row.set & column.bit()) != 0) {
        array.Add(row.values[index]);
      } else {
        array.AddNull();
      }
    }
  }
  return std::move(array).TakeText();
}

// The message that the client sent. A request id is unique per caller and message.
std::int16_t ScopeOf(const WriteRequest& call, const WriteRow& row) {
  return static_cast<std::int16_t>(call.parent.value_or(row.message));
}

// In the order of the write function's parameters.
Params Parameters(const Entity& entity, const std::vector<const WriteRequest*>& calls) {
  using Call = const WriteRequest&;
  using RowOf = const WriteRow&;
  Params params;
  const auto add = [&](Element element, auto get) { params.AddArray(Collect(element, calls, get)); };
  add(Element::kInt2, [](Call, RowOf row, auto, auto) { return static_cast<std::int16_t>(row.message); });
  add(Element::kUuid, [](Call, RowOf row, auto, auto) { return row.key.id; });
  add(Element::kText, [](Call, RowOf row, auto, auto) {
    return row.key.partition_id ? std::optional<std::string_view>(*row.key.partition_id) : std::nullopt;
  });
  add(Element::kInt8, [](Call, RowOf row, auto, auto) { return static_cast<std::int64_t>(row.set); });
  add(Element::kInt8, [](Call, RowOf row, auto, auto) { return row.if_match; });
  add(Element::kBool, [](Call, RowOf row, auto, auto) { return row.if_none_match; });
  add(Element::kBool, [](Call, RowOf row, auto, auto) { return row.creatable; });
  add(Element::kInt4, [](Call, RowOf, std::size_t call, auto) { return static_cast<std::int32_t>(call); });
  add(Element::kBool, [](Call call, RowOf, auto, auto) { return call.atomic; });
  add(Element::kUuid, [](Call call, RowOf, auto, auto) { return call.user; });
  add(Element::kUuid, [](Call call, RowOf, auto, auto) { return call.initiating_user; });
  add(Element::kUuid, [](Call call, RowOf, auto, auto) { return call.correlation_id; });
  add(Element::kInt2, [](Call call, RowOf, auto, auto) {
    return call.parent ? std::optional(static_cast<std::int16_t>(*call.parent)) : std::nullopt;
  });
  add(Element::kUuid, [](Call call, RowOf, auto, auto) { return call.request_id; });
  add(Element::kInt2, [](Call call, RowOf row, auto, auto) { return ScopeOf(call, row); });
  add(Element::kInt4, [](Call, RowOf row, auto, auto) { return row.request_index; });
  add(Element::kInt8, [](Call call, RowOf, auto, auto) { return call.fingerprint; });
  for (const Column* column : ValueColumns(entity)) params.AddArray(CollectValues(entity, *column, calls));
  return params;
}

// "{0,1,2}"
std::vector<std::int64_t> ParseIntegers(std::string_view text) {
  std::vector<std::int64_t> numbers;
  const char* end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(at + 1, end, number);
    if (parsed.ec != std::errc()) break;
    numbers.push_back(number);
    at = parsed.ptr;
  }
  return numbers;
}

std::int64_t Integer(const PGresult* result, int column) {
  std::int64_t number = 0;
  const char* text = PQgetvalue(result, 0, column);
  std::from_chars(text, text + PQgetlength(result, 0, column), number);
  return number;
}

// The status at a position of its option set; nothing at -1.
std::optional<std::int32_t> StatusAt(const Entity& entity, std::int64_t index) {
  if (index < 0) return std::nullopt;
  return dictionary::EnforcedStates(entity).status->options.at(static_cast<std::size_t>(index)).value;
}

// How long a blocked batch is split into single calls, and the longest that each of them may take then.
constexpr auto kApart = std::chrono::milliseconds(600);
constexpr char kShort[] =
    "select set_config('statement_timeout', least(1000, nullif(setting::bigint, 0))::text, false)"
    " from pg_settings where name = 'statement_timeout'";
constexpr char kUsual[] = "reset statement_timeout";

constexpr char kReplayed = 'P';

bool Executed(const RowOutcome& row) {
  return row.verdict == WriteVerdict::kCreated || row.verdict == WriteVerdict::kUpdated ||
         row.verdict == WriteVerdict::kDeleted;
}

// Where each row of the call is that an earlier call with the same request id executed, by request index.
std::map<std::int32_t, std::size_t> ReplayedRows(const WriteRequest& call, const WriteOutcome& outcome) {
  std::map<std::int32_t, std::size_t> rows;
  for (std::size_t row = 0; row < outcome.rows.size(); ++row) {
    if (static_cast<char>(outcome.rows[row].verdict) == kReplayed) rows.emplace(call.rows[row].request_index, row);
  }
  return rows;
}

// Fills in the outcome of those rows. The point is theirs, unless other rows of the call were executed now, which is
// later.
Result<void> ReadReplayed(Connection& connection, const Entity& entity, const WriteRequest& call, WriteOutcome& outcome,
                          std::chrono::milliseconds timeout) {
  const auto rows = ReplayedRows(call, outcome);
  if (rows.empty()) return {};
  const bool executed = std::ranges::any_of(outcome.rows, Executed);
  LogPoint newest;
  Params params;
  params.Add(*call.request_id);
  params.Add(call.initiating_user);
  params.Add(ScopeOf(call, call.rows.at(0)));
  auto result = connection.Execute(StatementsOf(entity).outcomes, params, ResultFormat::kBinary, timeout);
  // The batch is committed, and these rows were committed before. What they did cannot be read now.
  if (!result) return std::unexpected(ToWriteFailure({.connection_lost = true, .sent = true}));
  for (int i = 0; i < PQntuples(result->get()); ++i) {
    const Row row(result->get(), i);
    const auto at = rows.find(row.Int4(0));
    if (at == rows.end()) continue;
    outcome.rows[at->second] = {.verdict = static_cast<WriteVerdict>(row.Bytes(1)[0]),
                                .key = {.id = row.Id(2), .partition_id = row.Text(3)},
                                .version = row.Int8(4)};
    const LogPoint point{.history = row.Int8(5), .timeline = row.Int4(6), .seq = row.Int8(7), .nonce = row.Int8(8)};
    if (!executed && point.seq > newest.seq) newest = point;
  }
  if (!executed) outcome.point = EncodePoint(newest);
  return {};
}

std::vector<Result<WriteOutcome>> Decode(Connection& connection, const Entity& entity,
                                         const std::vector<const WriteRequest*>& calls, const PGresult* result,
                                         std::chrono::milliseconds timeout) {
  const std::string_view codes = PQgetvalue(result, 0, 0);
  const std::int64_t base = Integer(result, 1);
  const std::vector<std::int64_t> offsets = ParseIntegers(PQgetvalue(result, 0, 2));
  const CommitPoint point = EncodePoint({.history = Integer(result, 3),
                                         .timeline = static_cast<std::int32_t>(Integer(result, 4)),
                                         .seq = Integer(result, 5),
                                         .nonce = Integer(result, 6)});
  std::vector<Result<WriteOutcome>> outcomes;
  std::size_t at = 0;
  for (const WriteRequest* call : calls) {
    WriteOutcome outcome{.rows = {}, .point = point};
    for (const WriteRow& row : call->rows) {
      outcome.rows.push_back({static_cast<WriteVerdict>(codes.at(at)), row.key, base + offsets.at(at)});
      if (outcome.rows.back().verdict == WriteVerdict::kRefusedByState)
        outcome.rows.back().stored_status = StatusAt(entity, offsets.at(at));
      ++at;
    }
    const Result<void> replayed = ReadReplayed(connection, entity, *call, outcome, timeout);
    if (replayed) {
      outcomes.push_back(std::move(outcome));
    } else {
      outcomes.push_back(std::unexpected(replayed.error()));
    }
  }
  return outcomes;
}

std::vector<Result<WriteOutcome>> AllFailed(std::size_t count, const Failure& failure) {
  return std::vector<Result<WriteOutcome>>(count, std::unexpected(failure));
}

// Errors that the owner can repair and that changed nothing: one more attempt is worth it.
bool Repairable(const SqlError& error) {
  return !error.connection_lost && (error.sql_state == kCheckViolation || error.sql_state == kHistoryNotOpen ||
                                    error.sql_state == kSequenceBehind);
}

std::vector<Result<WriteOutcome>> Bisect(Connection& connection, const Entity& entity,
                                         const std::vector<const WriteRequest*>& calls,
                                         const BatchEnvironment& environment, std::vector<CallFate>* fates) {
  const auto middle = calls.begin() + static_cast<std::ptrdiff_t>(calls.size() / 2);
  std::vector<CallFate> first(calls.size() / 2), second(calls.size() - first.size());
  auto outcomes = ExecuteBatch(connection, entity, {calls.begin(), middle}, environment, fates ? &first : nullptr);
  auto rest = ExecuteBatch(connection, entity, {middle, calls.end()}, environment, fates ? &second : nullptr);
  if (fates) std::ranges::copy(second, std::ranges::copy(first, fates->begin()).out);
  std::move(rest.begin(), rest.end(), std::back_inserter(outcomes));
  return outcomes;
}

// A foreign lock. Waiting for the feed lock is waiting for a commit, like every writer does: that has another code.
bool IsBlocked(const SqlError& error) {
  return !error.connection_lost && (error.sql_state == kLockNotAvailable || error.sql_state == kQueryCanceled);
}

// Executes each call by itself while there is time. This shows which of them are blocked.
std::vector<Result<WriteOutcome>> TakeApart(Connection& connection, const Entity& entity,
                                            const std::vector<const WriteRequest*>& calls,
                                            const BatchEnvironment& environment, std::vector<CallFate>& fates) {
  const auto until = std::chrono::steady_clock::now() + kApart;
  // The call that used up the batch's time would take as long again. If this fails, so do the calls below.
  (void)connection.ExecuteOnce(kShort, {}, ResultFormat::kText, environment.timeout);
  std::vector<Result<WriteOutcome>> outcomes;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (i > 0 && std::chrono::steady_clock::now() > until) {
      fates[i] = CallFate::kUntried;
      outcomes.push_back(std::unexpected(Unavailable("other calls used up the time of the batch")));
      continue;
    }
    std::vector<CallFate> fate(1, CallFate::kAnswered);
    outcomes.push_back(std::move(ExecuteBatch(connection, entity, {calls[i]}, environment, &fate).front()));
    fates[i] = fate[0];
  }
  if (!connection.ExecuteOnce(kUsual, {}, ResultFormat::kText, environment.timeout)) connection.GiveUp();
  return outcomes;
}

}  // namespace

std::vector<Result<WriteOutcome>> ExecuteBatch(Connection& connection, const Entity& entity,
                                               const std::vector<const WriteRequest*>& calls,
                                               const BatchEnvironment& environment, std::vector<CallFate>* fates) {
  const Params params = Parameters(entity, calls);
  const Statement& write = StatementsOf(entity).write;
  connection.TakeWarning();
  auto result = connection.Execute(write, params, ResultFormat::kText, environment.timeout);
  if (!result && Repairable(result.error())) {
    environment.repair(entity, result.error());
    result = connection.Execute(write, params, ResultFormat::kText, environment.timeout);
  }
  if (result && connection.TakeWarning()) {
    // "canceling wait for synchronous replication": committed on this server, perhaps on no other.
    const SqlError cut{.message = "a warning came with the commit", .connection_lost = true, .sent = true};
    environment.report(cut);
    return AllFailed(calls.size(), ToWriteFailure(cut));
  }
  if (result) return Decode(connection, entity, calls, result->get(), environment.timeout);
  environment.report(result.error());
  if (BlamesData(result.error()) && calls.size() > 1) return Bisect(connection, entity, calls, environment, fates);
  if (fates && IsBlocked(result.error())) {
    if (calls.size() > 1) return TakeApart(connection, entity, calls, environment, *fates);
    fates->front() = CallFate::kBlocked;
  }
  return AllFailed(calls.size(), ToWriteFailure(result.error()));
}

}  // namespace journeyfeed::postgres
