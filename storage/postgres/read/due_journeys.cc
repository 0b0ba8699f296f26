#include "storage/postgres/read/due_journeys.h"

#include <spdlog/spdlog.h>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/sql.h"
#include "storage/postgres/sql/sql_template.h"

namespace journeyfeed::postgres {
namespace {

// By how much the client's timeout exceeds the server's.
constexpr auto kGrace = std::chrono::seconds(5);
constexpr int kNowColumn = 0;
constexpr int kWaitingColumn = 1;
constexpr int kIdColumn = 2;  // the first of the record

const dictionary::Entity& Journeys() {
  return dictionary::Describe(customerjourney::v1::CustomerJourney::descriptor());
}

// Looks records up by index even if a plan was made for an empty table. Does not set default_transaction_read_only,
// although it never writes: libpq would refuse such a connection where the connection string wants a server that
// accepts writes.
std::string Options(std::chrono::milliseconds statement_timeout) {
  return "-c jit=off -c client_min_messages=warning -c timezone=UTC"
         " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c statement_timeout=" +
         std::to_string(statement_timeout.count());
}

const Statement& ClaimStatement() {
  static const Statement statement{"due_journeys", ExpandSql(Journeys(), sql::kQueriesDueJourneys.text)};
  return statement;
}

const Statement& ReleaseStatement() {
  static const Statement statement{"release_journeys", "select pg_advisory_unlock_all()"};
  return statement;
}

// Texts that no check reads.
std::uint64_t ColumnsOfLittleUse() {
  std::uint64_t columns = 0;
  for (const char* name : {"description", "customer_journey_designer_state", "validation_results"}) {
    columns |= Journeys().Find(name)->bit();
  }
  return columns;
}

Params Parameters(const DueQuery& query) {
  const std::uint64_t all = ~ColumnsOfLittleUse();
  Params params;
  params.AddValue(query.now ? Value(*query.now) : Value());
  params.Add(std::int32_t{query.limit});
  params.AddValue(Value(query.timers));
  params.Add(std::chrono::duration_cast<std::chrono::microseconds>(query.expire_after).count());
  params.Add(static_cast<std::int64_t>(all));
  params.Add(static_cast<std::int64_t>(all & ~Journeys().Find("workflow_definition")->bit()));
  params.Add(query.max_bytes);
  ArrayBuilder ids(ArrayBuilder::Element::kUuid), versions(ArrayBuilder::Element::kInt8),
      due(ArrayBuilder::Element::kBool);
  for (const DueTrouble& trouble : query.troubled) {
    ids.Add(trouble.key.id);
    versions.Add(trouble.version);
    due.Add(trouble.due);
  }
  for (ArrayBuilder* array : {&ids, &versions, &due}) params.AddArray(std::move(*array).TakeText());
  return params;
}

}  // namespace

DueJourneys::DueJourneys(const std::string& conninfo, std::chrono::milliseconds statement_timeout, std::stop_token stop)
    : timeout_(statement_timeout + kGrace),
      encoder_(Journeys(), kIdColumn),
      connection_(conninfo, Options(statement_timeout), nullptr, {}, std::move(stop)) {}

Result<DueBatch> DueJourneys::Claim(const DueQuery& query) {
  auto connection = connection_.Get();
  if (!connection) return std::unexpected(connection.error());
  auto result = (*connection)->Execute(ClaimStatement(), Parameters(query), ResultFormat::kBinary, timeout_);
  if (!result) {
    spdlog::warn("claiming journeys failed: {} {}", result.error().sql_state, result.error().message);
    Release();  // a statement that failed halfway keeps the locks it took
    return std::unexpected(ToFailure(result.error()));
  }
  DueBatch batch;
  for (int i = 0; i < PQntuples(result->get()); ++i) {
    const Row row(result->get(), i);
    batch.now = row.Time(kNowColumn);
    batch.waiting = row.Int8(kWaitingColumn);
    if (row.IsNull(kIdColumn)) continue;
    batch.records.push_back({.key = {.id = row.Id(kIdColumn)},
                             .version = encoder_.Version(row),
                             .record = encoder_.Encode(row, ~std::uint64_t{0})});
  }
  return batch;
}

void DueJourneys::Release() {
  auto connection = connection_.Get();
  if (!connection) return;
  const auto released = (*connection)->Execute(ReleaseStatement(), {}, ResultFormat::kBinary, timeout_);
  if (!released) spdlog::warn("releasing journeys failed: {} {}", released.error().sql_state, released.error().message);
}

}  // namespace journeyfeed::postgres
