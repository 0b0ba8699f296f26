#include "tests/support/write_connection.h"

#include <atomic>
#include <stdexcept>

#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"
#include "storage/dictionary/write_plan.h"
#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/schema/migrator.h"
#include "storage/postgres/write/write_batch.h"
#include "tests/support/eventually.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using journeyrunsession::v1::JourneyRunSession;
using postgres::Connection;

constexpr auto kTimeout = 30s;
constexpr char kOptions[] =
    "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c "
    "enable_mergejoin=off"
    " -c client_min_messages=warning -c statement_timeout=20000 -c lock_timeout=15000 -c timezone=UTC";

std::unique_ptr<Connection> Open(const FeedDatabase& database) {
  auto opened = Connection::Open(database.url(), kOptions, kTimeout);
  if (!opened) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

// A unique name, because PostgreSQL cuts long names.
postgres::Statement Once(const std::string& sql) {
  static std::atomic<int> number = 0;
  return {"once " + std::to_string(++number), sql};
}

JourneyRunSession Target(const RecordKey& key, const std::string& name, std::optional<std::int32_t> ttl) {
  JourneyRunSession target;
  target.set_id(key.id.ToString());
  if (key.partition_id) target.set_partition_id(*key.partition_id);
  target.set_name(name);
  target.set_journey_run_id("run");
  target.set_session("session of " + name);
  if (ttl) target.set_ttl_in_seconds(*ttl);
  return target;
}

WriteRow Row(MessageName message, const Result<dictionary::WritePlan>& plan) {
  if (!plan) throw std::runtime_error(plan.error().message);
  WriteRow row;
  row.message = message;
  row.key = plan->key;
  row.values = plan->values;
  row.set = plan->set;
  row.creatable = plan->missing_for_create == 0;
  return row;
}

}  // namespace

WriteRow CreateRow(const RecordKey& key, const std::string& name, std::optional<std::int32_t> ttl) {
  return Row(entity::v1::MESSAGE_NAME_CREATE, dictionary::PlanCreate(Sessions(), Target(key, name, ttl)));
}

WriteRow UpdateRow(const RecordKey& key, const std::string& name) {
  JourneyRunSession target = Target(key, name, {});
  target.clear_journey_run_id();
  return Row(entity::v1::MESSAGE_NAME_UPDATE, dictionary::PlanUpdate(Sessions(), target, nullptr));
}

WriteRow UpsertRow(const RecordKey& key, const std::string& name, std::optional<std::int32_t> ttl) {
  return Row(entity::v1::MESSAGE_NAME_UPSERT, dictionary::PlanUpsert(Sessions(), Target(key, name, ttl), nullptr));
}

WriteRow DeleteRow(const RecordKey& key) {
  WriteRow row;
  row.message = entity::v1::MESSAGE_NAME_DELETE;
  row.key = key;
  return row;
}

WriteRequest CallOf(std::vector<WriteRow> rows) {
  WriteRequest call;
  call.entity = &Sessions();
  call.rows = std::move(rows);
  for (std::size_t i = 0; i < call.rows.size(); ++i) call.rows[i].request_index = static_cast<std::int32_t>(i);
  call.correlation_id = Uuid::MakeV7();
  return call;
}

WriteRequest CallOf(WriteRow row) { return CallOf(std::vector<WriteRow>{std::move(row)}); }

std::string Short(const Outcome& outcome, std::size_t row) {
  if (!outcome) return entity::v1::ErrorReason_Name(outcome.error().reason);
  const RowOutcome& result = outcome->rows.at(row);
  std::string text(1, static_cast<char>(result.verdict));
  const bool executed = text == "C" || text == "U" || text == "D";
  return executed ? text + std::to_string(result.version) : text;
}

std::int64_t VersionOf(const Outcome& outcome, std::size_t row) { return outcome.value().rows.at(row).version; }

WriteConnection::WriteConnection(const FeedDatabase& database, bool repair)
    : database_(database), repair_(repair), connection_(Open(database)) {
  static const postgres::Statement kPid{"pid", "select pg_backend_pid()"};
  pid_ =
      postgres::Row(connection_->Execute(kPid, {}, postgres::ResultFormat::kBinary, kTimeout).value().get(), 0).Int4(0);
}

WriteConnection::~WriteConnection() {
  if (running_.valid()) running_.wait();
}

Outcomes WriteConnection::Write(const std::vector<WriteRequest>& calls) {
  std::vector<const WriteRequest*> pointers;
  for (const WriteRequest& call : calls) pointers.push_back(&call);
  const postgres::BatchEnvironment environment{.timeout = kTimeout,
                                               .repair =
                                                   [this](const dictionary::Entity&, const postgres::SqlError&) {
                                                     if (repair_) OrThrow(postgres::Maintain(database_.url()));
                                                   },
                                               .report = [](const postgres::SqlError&) {}};
  return postgres::ExecuteBatch(*connection_, Sessions(), pointers, environment);
}

Outcome WriteConnection::Write(WriteRow row) { return std::move(Write({CallOf(std::move(row))}).front()); }

void WriteConnection::Start(std::vector<WriteRequest> calls) {
  running_ = std::async(std::launch::async, [this, calls = std::move(calls)] { return Write(calls); });
  if (!Eventually([this] { return !Running() || database_.Waits(pid_); }))
    throw std::runtime_error("the session is lost");
}

void WriteConnection::Start(WriteRow row) {
  std::vector<WriteRequest> calls;
  calls.push_back(CallOf(std::move(row)));
  Start(std::move(calls));
}

bool WriteConnection::Running() const { return running_.wait_for(0ms) != std::future_status::ready; }

Outcomes WriteConnection::Finish(std::chrono::milliseconds limit) {
  if (running_.wait_for(limit) != std::future_status::ready) throw std::runtime_error("the write does not end");
  return running_.get();
}

std::string WriteConnection::Execute(const std::string& sql) {
  const auto result = connection_->Execute(Once(sql), {}, postgres::ResultFormat::kText, kTimeout);
  if (result) return "";
  return result.error().connection_lost ? "lost" : result.error().sql_state;
}

LockHolder::LockHolder(const FeedDatabase& database) : connection_(Open(database)) {}

void LockHolder::Execute(const std::string& sql) {
  const auto result = connection_->Execute(Once("select " + sql), {}, postgres::ResultFormat::kText, kTimeout);
  if (!result) throw std::runtime_error(result.error().message);
}

void LockHolder::TakeFeed() { Execute("pg_advisory_lock(journeyfeed.feed_lock_class(), 1)"); }
void LockHolder::ReleaseFeed() { Execute("pg_advisory_unlock(journeyfeed.feed_lock_class(), 1)"); }

namespace {
std::string HashOf(const RecordKey& key) {
  const std::string partition = key.partition_id ? "'" + *key.partition_id + "'" : "null::text";
  return "(hashtextextended(concat_ws('/', 1::smallint, " + partition + ", '" + key.id.ToString() + "'::uuid), 1))";
}
}  // namespace

void LockHolder::TakeKey(const RecordKey& key) { Execute("pg_advisory_lock" + HashOf(key)); }
void LockHolder::ReleaseKey(const RecordKey& key) { Execute("pg_advisory_unlock" + HashOf(key)); }

void Terminate(const FeedDatabase& database, int pid) {
  database.Ask("select pg_terminate_backend(" + std::to_string(pid) + ", 5000)");
}

}  // namespace journeyfeed::testing
