#include "storage/postgres/read/record_reader.h"

#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

// The statement takes arrays: one element each.
Params ParamsOf(const RecordRequest& call) {
  ArrayBuilder ids(ArrayBuilder::Element::kUuid), partitions(ArrayBuilder::Element::kText),
      columns(ArrayBuilder::Element::kInt8);
  ids.Add(call.key.id);
  partitions.Add(call.key.partition_id ? std::optional<std::string_view>(*call.key.partition_id) : std::nullopt);
  columns.Add(static_cast<std::int64_t>(call.columns));
  Params params;
  for (ArrayBuilder* array : {&ids, &partitions, &columns}) params.AddArray(std::move(*array).TakeText());
  return params;
}

}  // namespace

Result<std::optional<StoredRecord>> ReadRecord(Connection& connection, const RecordRequest& call,
                                               std::chrono::milliseconds timeout) {
  const EntityStatements& statements = StatementsOf(*call.entity);
  auto result = connection.Execute(statements.retrieve, ParamsOf(call), ResultFormat::kBinary, timeout);
  if (!result) {
    LogFailedStatement(result.error());
    return std::unexpected(ToFailure(result.error()));
  }
  if (PQntuples(result->get()) == 0) return std::nullopt;
  const Row row(result->get(), 0);
  return StoredRecord{.version = statements.retrieved.Version(row),
                      .bytes = statements.retrieved.Encode(row, call.columns)};
}

}  // namespace journeyfeed::postgres
