// PostgresStore's reads: which server answers, and how long a read waits for a server that is behind.
#include "storage/base/guarded.h"
#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/read/query_reader.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// How long a read waits for the write of its read-your-writes token; it looks again after growing pauses.
constexpr auto kLongestHold = 3s;
constexpr auto kShortestHold = 5ms;
constexpr auto kLongestPauseOfHold = 100ms;
// Left of the caller's own deadline, so that the answer arrives.
constexpr auto kTimeToAnswer = 50ms;

}  // namespace

// A call that reads, on its way through the pools.
template <typename Call, typename T>
struct PostgresStore::Reading {
  Call call;
  Callback<T> done;
  Result<T> (PostgresStore::*read)(Connection&, ChangePages&, const Call&);
  Pool pool;
  bool standby;            // goes to the standby
  Deadline patience = {};  // until when it waits for a server that is behind; streams wait by themselves
  bool again = true;       // if its connection is lost: once more, over a new one
};

namespace {

// The history and position that a call must see at least.
LogPoint NeedOf(const std::optional<CommitPoint>& not_before) {
  return not_before ? DecodePoint(*not_before).value_or(LogPoint{}) : LogPoint{};
}
LogPoint NeedOf(const RetrieveCall& call) { return NeedOf(call.not_before); }
LogPoint NeedOf(const RetrieveMultipleCall& call) { return NeedOf(call.not_before); }
LogPoint NeedOf(const ReadChangesCall& call) {
  const Position after = call.after ? DecodePosition(*call.after).value_or(Position{}) : Position{};
  return {.incarnation = after.incarnation, .timeline = 0, .seq = after.high_water, .nonce = 0};
}

const dictionary::Entity& EntityOf(const RetrieveCall& call) { return *call.entity; }
const dictionary::Entity& EntityOf(const RetrieveMultipleCall& call) { return *call.query.entity; }
const dictionary::Entity& EntityOf(const ReadChangesCall& call) { return *call.entity; }

std::stop_token GoneOf(const RetrieveCall& call) { return call.gone; }
std::stop_token GoneOf(const RetrieveMultipleCall& call) { return call.gone; }
std::stop_token GoneOf(const ReadChangesCall& call) { return call.gone; }

// Returns why the answer of a call is not wanted any more.
template <typename Call>
std::optional<Status> Abandonment(const Call& call) {
  if (GoneOf(call).stop_requested()) return Status{pb::ERROR_REASON_CANCELLED, "the caller cancelled the call"};
  if (call.deadline >= std::chrono::steady_clock::now()) return std::nullopt;
  return Status{pb::ERROR_REASON_DEADLINE_EXCEEDED, "deadline exceeded during the read"};
}

// Ends a wait before the caller's deadline, so that the caller is told the reason.
Deadline PatienceOf(Deadline deadline) {
  return std::min(deadline - kTimeToAnswer, std::chrono::steady_clock::now() + kLongestHold);
}

}  // namespace

void PostgresStore::Retrieve(RetrieveCall call, Callback<std::optional<StoredRecord>> done) {
  const Deadline patience = PatienceOf(call.deadline);
  const bool standby = standby_.Usable() && !call.fresh;
  Submit(Reading<RetrieveCall, std::optional<StoredRecord>>{
      std::move(call), std::move(done), &PostgresStore::ReadRecord, &Readers::reads, standby, patience});
}

void PostgresStore::RetrieveMultiple(RetrieveMultipleCall call, Callback<QueryPage> done) {
  const Deadline patience = PatienceOf(call.deadline);
  const bool standby = standby_.Usable() && !call.fresh;
  Submit(Reading<RetrieveMultipleCall, QueryPage>{std::move(call), std::move(done), &PostgresStore::ReadQuery,
                                                  &Readers::queries, standby, patience});
}

void PostgresStore::ReadChanges(ReadChangesCall call, Callback<ChangePage> done) {
  const bool standby = standby_.Usable() && !call.fresh;
  Submit(Reading<ReadChangesCall, ChangePage>{std::move(call), std::move(done), &PostgresStore::ReadPage,
                                              &Readers::feeds, standby});
}

// Queues the read in its pool. The pools exist only once the workers have started.
template <typename Call, typename T>
void PostgresStore::Submit(Reading<Call, T> reading) {
  if (!workers_started_) return reading.done(std::unexpected(Unavailable("the database is not ready")));
  Run(std::move(reading), 0ms);
}

template <typename Call, typename T>
void PostgresStore::Run(Reading<Call, T> reading, std::chrono::milliseconds pause) {
  Readers& readers = reading.standby ? standby_readers_ : primary_readers_;
  WorkerPool& pool = *(readers.*reading.pool);
  const Deadline deadline = reading.call.deadline;
  auto task = [this, &readers, pause, reading = std::move(reading)](Result<Connection*> connection) mutable {
    auto result = connection ? Read(reading, **connection, readers.pages) : std::unexpected(connection.error());
    const bool lost = !result && connection && !(*connection)->usable();
    // A read changes nothing, so it can be repeated over a new connection.
    if (lost && std::exchange(reading.again, false) && !Abandonment(reading.call)) return false;
    Answer(std::move(reading), pause, std::move(result));
    return true;
  };
  if (pause == 0ms) return pool.Submit(deadline, std::move(task));
  pool.SubmitAt(std::chrono::steady_clock::now() + pause, deadline, std::move(task));
}

template <typename Call, typename T>
Result<T> PostgresStore::Read(const Reading<Call, T>& reading, Connection& connection, ChangePages& pages) {
  if (auto abandoned = Abandonment(reading.call)) return std::unexpected(*std::move(abandoned));
  Result<T> result =
      std::unexpected(Status{.reason = pb::ERROR_REASON_UNEXPECTED, .message = "the read failed unexpectedly"});
  const Connection::Patience patience(connection, reading.call.deadline, GoneOf(reading.call));
  if (!Guarded("a read", [&] { result = (this->*reading.read)(connection, pages, reading.call); })) {
    connection.GiveUp();
    return result;
  }
  // An abandoned call gets this answer, whatever the database said.
  if (auto abandoned = result ? std::nullopt : Abandonment(reading.call)) return std::unexpected(*std::move(abandoned));
  return result;
}

// Where a standby cannot answer, or would report a lost history, the primary decides. A server that is behind the
// position of the call gets time.
template <typename Call, typename T>
void PostgresStore::Answer(Reading<Call, T> reading, std::chrono::milliseconds pause, Result<T> result) {
  if (result || !workers_started_) return reading.done(std::move(result));
  const HistoryMetrics& metrics = metrics_.Of(EntityOf(reading.call)).history;
  const LogPoint need = NeedOf(reading.call);
  if (reading.standby && IsForPrimary(result.error(), EntityOf(reading.call), need.incarnation, need.seq)) {
    metrics_.replication().read_fallbacks->Increment();
    reading.standby = false;
    return Run(std::move(reading), 0ms);
  }
  const bool behind = result.error().reason == pb::ERROR_REASON_FEED_REPLICA_BEHIND;
  if (behind && pause == 0ms) metrics.held->Increment();
  if (result.error().reason == pb::ERROR_REASON_FEED_HISTORY_CHANGED) metrics.changed->Increment();
  const auto next = std::clamp<std::chrono::milliseconds>(pause * 2, kShortestHold, kLongestPauseOfHold);
  if (behind && std::chrono::steady_clock::now() + next < reading.patience) return Run(std::move(reading), next);
  reading.done(std::move(result));
}

bool PostgresStore::IsForPrimary(const Status& error, const dictionary::Entity& entity, std::int64_t incarnation,
                                 std::int64_t seq) const {
  if (error.reason == pb::ERROR_REASON_FEED_HISTORY_CHANGED) return true;
  if (error.reason == pb::ERROR_REASON_SERVICE_UNAVAILABLE) return true;
  if (error.reason != pb::ERROR_REASON_FEED_REPLICA_BEHIND) return false;
  // The standby will reach what the primary is known to have. About everything else only the primary can tell.
  const auto known = guard_.Known(entity);
  return !known || known->incarnation != incarnation || known->seq < seq;
}

Result<std::optional<StoredRecord>> PostgresStore::ReadRecord(Connection& connection, ChangePages& pages,
                                                              const RetrieveCall& call) {
  if (auto reached = pages.Await(connection, *call.entity, call.not_before); !reached)
    return std::unexpected(reached.error());
  ArrayBuilder ids(ArrayBuilder::Element::kUuid), partitions(ArrayBuilder::Element::kText),
      columns(ArrayBuilder::Element::kInt8);
  ids.Add(call.key.id);
  partitions.Add(call.key.partition_id ? std::optional<std::string_view>(*call.key.partition_id) : std::nullopt);
  columns.Add(static_cast<std::int64_t>(call.columns));
  Params params;
  for (ArrayBuilder* array : {&ids, &partitions, &columns}) params.AddArray(std::move(*array).Take());
  const EntityStatements& statements = StatementsOf(*call.entity);
  auto result =
      connection.Execute(statements.retrieve, params, ResultFormat::kBinary, settings_.statement_timeout + kGrace);
  if (!result) {
    Report(result.error());
    return std::unexpected(ToStatus(result.error()));
  }
  if (PQntuples(result->get()) == 0) return std::nullopt;
  const Row row(result->get(), 0);
  return StoredRecord{.version = statements.retrieved.Version(row),
                      .bytes = statements.retrieved.Encode(row, call.columns)};
}

Result<QueryPage> PostgresStore::ReadQuery(Connection& connection, ChangePages& pages,
                                           const RetrieveMultipleCall& call) {
  if (auto reached = pages.Await(connection, *call.query.entity, call.not_before); !reached)
    return std::unexpected(reached.error());
  return postgres::ReadQuery(connection, call.query, settings_.statement_timeout + kGrace, Report);
}

Result<ChangePage> PostgresStore::ReadPage(Connection& connection, ChangePages& pages, const ReadChangesCall& call) {
  return pages.Read(connection, call);
}

}  // namespace journeyfeed::postgres
