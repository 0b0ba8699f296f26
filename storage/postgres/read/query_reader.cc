#include "storage/postgres/read/query_reader.h"

#include <algorithm>

#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/sql/query_sql.h"
#include "storage/postgres/sql/record_encoder.h"
#include "storage/postgres/sql/sql_template.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

namespace pb = entity::v1;
using dictionary::ColumnType;

Failure LimitExceeded(const char* of, std::int64_t limit) {
  return Failure{.reason = pb::ERROR_REASON_AGGREGATE_QUERY_RECORD_LIMIT_EXCEEDED,
                 .message = "the aggregation has more than " + std::to_string(limit) + " " + of}
      .With("limit", std::to_string(limit));
}

// The cell of a column's value, or of its minimum or maximum.
Cell ReadCell(const Row& row, int column, ColumnType type) {
  if (row.IsNull(column)) return {};
  switch (type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return row.Id(column);
    case ColumnType::kString:
    case ColumnType::kMemo:
    case ColumnType::kEntityName:
      return std::string(row.Bytes(column));
    case ColumnType::kBoolean:
      return row.Bool(column);
    case ColumnType::kDateTime:
      return row.Time(column);
    default:
      return row.Float8(column);
  }
}

class Reader {
 public:
  Reader(Connection& connection, const Query& query, std::chrono::milliseconds timeout,
         const std::function<void(const SqlError&)>& report)
      : connection_(connection), query_(query), timeout_(timeout), report_(report) {}

  Result<QueryPage> Page() {
    const auto result = ExecuteQuery(CompilePage(query_));
    if (!result) return std::unexpected(result.error());
    QueryPage page;
    TakeRecords(result->get(), page);
    if (query_.count_limit == 0) return page;
    const auto counted = ExecuteQuery(CompileCount(query_));
    if (!counted) return std::unexpected(counted.error());
    page.counted = Row(counted->get(), 0).Int8(0);
    return page;
  }

  Result<QueryPage> Groups() {
    const auto result = ExecuteQuery(CompileGroups(query_));
    if (!result) return std::unexpected(result.error());
    QueryPage page;
    const int rows = PQntuples(result->get());
    if (rows > 0 && Row(result->get(), 0).Int8Or(0, 0) > query_.source_limit) {
      return std::unexpected(LimitExceeded("records", query_.source_limit));
    }
    if (rows > query_.group_limit) return std::unexpected(LimitExceeded("groups", query_.group_limit));
    for (int i = 0; i < rows; ++i) page.groups.push_back(Group(Row(result->get(), i)));
    return page;
  }

 private:
  Result<ResultSet> ExecuteQuery(const CompiledQuery& compiled) {
    auto result = connection_.ExecuteAny(compiled.text, compiled.params, ResultFormat::kBinary, timeout_);
    if (result) return std::move(*result);
    report_(result.error());
    return std::unexpected(ToFailure(result.error()));
  }

  void TakeRecords(const PGresult* result, QueryPage& page) const {
    const RecordEncoder& encoder = StatementsOf(*query_.entity).queried;
    const int fetched_column = static_cast<int>(ReadColumns(*query_.entity).size());
    const int rows = std::min(PQntuples(result), query_.page_size);
    for (int i = 0; i < rows; ++i) page.records.push_back(encoder.Encode(Row(result, i), query_.columns));
    // Continue unless all fetched records are here; else the page was full, of records or of bytes.
    if (rows == 0 || Row(result, 0).Int8(fetched_column) <= rows) return;
    const Row last(result, rows - 1);
    page.next.emplace();
    for (int column = fetched_column + 1; column < PQnfields(result); ++column) {
      page.next->push_back(last.IsNull(column) ? std::nullopt : std::optional<std::string>(last.Bytes(column)));
    }
  }

  std::vector<Cell> Group(const Row& row) const {
    std::vector<Cell> cells;
    int column = 1;
    for (const GroupColumn& group : query_.grouping->columns)
      cells.push_back(ReadCell(row, column++, group.column->type));
    for (const Aggregate& aggregate : query_.grouping->aggregates) {
      cells.push_back(ReadCell(row, column++, aggregate.column ? aggregate.column->type : ColumnType::kInteger));
    }
    return cells;
  }

  Connection& connection_;
  const Query& query_;
  const std::chrono::milliseconds timeout_;
  const std::function<void(const SqlError&)>& report_;
};

}  // namespace

Result<QueryPage> ReadQuery(Connection& connection, const Query& query, std::chrono::milliseconds timeout,
                            const std::function<void(const SqlError&)>& report) {
  Reader reader(connection, query, timeout, report);
  return query.grouping ? reader.Groups() : reader.Page();
}

}  // namespace journeyfeed::postgres
