#include "storage/postgres/postgres_store.h"

#include <spdlog/spdlog.h>

#include "storage/postgres/batch_meter.h"
#include "storage/postgres/migrator.h"
#include "storage/postgres/query_reader.h"
#include "storage/postgres/sql_state.h"
#include "storage/postgres/statements.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

constexpr auto kMaintenanceInterval = 60s;
constexpr auto kFirstPause = 50ms;
constexpr auto kLongestPause = 2s;

// The client gives up later than the server, so that the server's answer is normally the one that counts.
constexpr auto kGrace = 5s;

// A read waits for the write of its session token that long, looking again after pauses that grow.
constexpr auto kLongestHold = 3s;
constexpr auto kShortestHold = 5ms;
constexpr auto kLongestPauseOfHold = 100ms;
// Before the caller's own deadline, so that the answer arrives.
constexpr auto kTimeToAnswer = 50ms;

// A standby that does not answer in this time is not read.
constexpr auto kReplicaTimeout = 3s;

void Report(const SqlError& error) {
  spdlog::warn("statement failed: {} {}", error.sql_state.empty() ? "(no answer)" : error.sql_state, error.message);
}

std::string BaseOptions(const PostgresSettings& settings, bool service_role) {
  std::string options = "-c jit=off -c default_transaction_isolation=read\\ committed";
  options += " -c client_min_messages=warning -c idle_in_transaction_session_timeout=10s -c timezone=UTC";
  options += " -c statement_timeout=" + std::to_string(settings.statement_timeout.count());
  options += " -c lock_timeout=" + std::to_string(settings.lock_timeout.count());
  if (service_role) options += " -c role=journeyfeed_service";
  return options;
}

}  // namespace

PostgresStore::PostgresStore(PostgresSettings settings, std::function<void(const Status&)> on_refused)
    : settings_(std::move(settings)),
      on_refused_(std::move(on_refused)),
      metrics_(settings_.registry),
      guard_(settings_.conninfo, settings_.statement_timeout + kGrace, metrics_),
      watch_(
          {.poll_interval = settings_.poll_interval, .timeout = settings_.statement_timeout + kGrace}, guard_, metrics_,
          [this](const dictionary::Entity& entity, const LogState& log) { OnState(entity, log); },
          [this](const dictionary::Entity& entity, std::int64_t head) { OnPrimaryHead(entity, head); }),
      replica_({.conninfo = settings_.read_conninfo,
                .timeout = kReplicaTimeout,
                .poll_interval = settings_.poll_interval,
                .lag_limit = settings_.read_lag_limit},
               guard_, metrics_,
               [this](const dictionary::Entity& entity, std::int64_t head) { on_commit_(entity, head); }),
      primary_(settings_.statement_timeout + kGrace),
      standby_(settings_.statement_timeout + kGrace) {}

void PostgresStore::Stop() {
  supervisor_.request_stop();
  wake_.notify_all();
  if (supervisor_.joinable()) supervisor_.join();
  replica_.Stop();
  workers_started_ = false;
  writes_.reset();
  // What the standby's sessions pass on is answered by the primary's.
  standby_.Stop();
  primary_.Stop();
}

void PostgresStore::Readers::Stop() {
  reads.reset();
  feeds.reset();
  queries.reset();
}

void PostgresStore::Start() {
  supervisor_ = std::jthread([this](std::stop_token stop) { Supervise(stop); });
}

void PostgresStore::Write(WriteCall call, Callback<WriteOutcome> done) {
  if (!workers_started_) return done(std::unexpected(Unavailable("the database is not ready")));
  writes_->Submit(std::move(call), std::move(done));
}

// A call that reads, on its way through the sessions.
template <typename Call, typename T>
struct PostgresStore::Reading {
  Call call;
  Callback<T> done;
  Result<T> (PostgresStore::*read)(Connection&, ChangePages&, const Call&);
  Pool pool;
  bool standby;            // where it goes
  Deadline patience = {};  // until when a server that is behind is waited for; streams wait by themselves
};

namespace {

// What a call must see at least: history and position.
LogPoint NeedOf(const RetrieveCall& call) { return call.not_before.value_or(LogPoint{}); }
LogPoint NeedOf(const RetrieveMultipleCall& call) { return call.not_before.value_or(LogPoint{}); }
LogPoint NeedOf(const ReadChangesCall& call) {
  if (!call.after) return {};
  return {.incarnation = call.after->incarnation, .timeline = 0, .seq = call.after->high_water, .nonce = 0};
}

const dictionary::Entity& EntityOf(const RetrieveCall& call) { return *call.entity; }
const dictionary::Entity& EntityOf(const RetrieveMultipleCall& call) { return *call.query.entity; }
const dictionary::Entity& EntityOf(const ReadChangesCall& call) { return *call.entity; }

// A caller that set a deadline is told why before it passes.
Deadline PatienceOf(Deadline deadline) {
  return std::min(deadline - kTimeToAnswer, std::chrono::steady_clock::now() + kLongestHold);
}

}  // namespace

void PostgresStore::Retrieve(RetrieveCall call, Callback<std::optional<StoredRecord>> done) {
  const Deadline patience = PatienceOf(call.deadline);
  const bool standby = replica_.Usable() && !call.fresh;
  Submit(Reading<RetrieveCall, std::optional<StoredRecord>>{
      std::move(call), std::move(done), &PostgresStore::ReadRecord, &Readers::reads, standby, patience});
}

void PostgresStore::RetrieveMultiple(RetrieveMultipleCall call, Callback<QueryPage> done) {
  const Deadline patience = PatienceOf(call.deadline);
  Submit(Reading<RetrieveMultipleCall, QueryPage>{std::move(call), std::move(done), &PostgresStore::ReadQuery,
                                                  &Readers::queries, replica_.Usable(), patience});
}

void PostgresStore::ReadChanges(ReadChangesCall call, Callback<ChangePage> done) {
  Submit(Reading<ReadChangesCall, ChangePage>{std::move(call), std::move(done), &PostgresStore::ReadPage,
                                              &Readers::feeds, replica_.Usable()});
}

// Has one of the pool's threads read, when the call's turn comes. The pools are only looked at when the workers have
// started.
template <typename Call, typename T>
void PostgresStore::Submit(Reading<Call, T> reading) {
  if (!workers_started_) return reading.done(std::unexpected(Unavailable("the database is not ready")));
  Run(std::move(reading), 0ms);
}

template <typename Call, typename T>
void PostgresStore::Run(Reading<Call, T> reading, std::chrono::milliseconds pause) {
  Readers& readers = reading.standby ? standby_ : primary_;
  WorkerPool& pool = *(readers.*reading.pool);
  const Deadline deadline = reading.call.deadline;
  auto task = [this, &readers, pause, reading = std::move(reading)](Result<Connection*> connection) {
    Connection* const open = connection.value_or(nullptr);
    Answer(reading, pause,
           open ? (this->*reading.read)(*open, readers.pages, reading.call) : std::unexpected(connection.error()));
  };
  if (pause == 0ms) return pool.Submit(deadline, std::move(task));
  pool.SubmitAt(std::chrono::steady_clock::now() + pause, deadline, std::move(task));
}

// A standby that cannot answer, or that would speak of lost history, does not decide: the primary does. A server that
// is behind what the call has seen is given time.
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
  // The standby will come to what the primary is known to have; of everything else only the primary can tell.
  const auto known = guard_.Known(entity);
  return !known || known->incarnation != incarnation || known->seq < seq;
}

std::vector<std::pair<std::uint8_t, std::string>> PostgresStore::TokenKeys() const {
  const std::scoped_lock lock(mutex_);
  return token_keys_;
}

Result<std::optional<StoredRecord>> PostgresStore::ReadRecord(Connection& connection, ChangePages& pages,
                                                              const RetrieveCall& call) {
  if (call.not_before) {
    if (auto reached = pages.Await(connection, *call.entity, *call.not_before); !reached)
      return std::unexpected(reached.error());
  }
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
                      .message = statements.retrieved.Encode(row, call.columns)};
}

Result<QueryPage> PostgresStore::ReadQuery(Connection& connection, ChangePages& pages,
                                           const RetrieveMultipleCall& call) {
  if (call.not_before) {
    if (auto reached = pages.Await(connection, *call.query.entity, *call.not_before); !reached)
      return std::unexpected(reached.error());
  }
  return postgres::ReadQuery(connection, call.query, settings_.statement_timeout + kGrace, Report);
}

Result<ChangePage> PostgresStore::ReadPage(Connection& connection, ChangePages& pages, const ReadChangesCall& call) {
  return pages.Read(connection, call);
}

std::vector<Result<WriteOutcome>> PostgresStore::Execute(int worker, const dictionary::Entity& entity,
                                                         const std::vector<const WriteCall*>& calls) {
  auto connection = write_connections_.at(static_cast<std::size_t>(worker))->Get();
  if (!connection) return std::vector<Result<WriteOutcome>>(calls.size(), std::unexpected(connection.error()));
  const BatchMeter meter(metrics_.writes(), metrics_.Of(entity).batches, calls);
  const BatchEnvironment environment{
      .timeout = settings_.statement_timeout + kGrace,
      .repair = [this](const dictionary::Entity&, const SqlError& error) { Repair(error); },
      .report =
          [&meter, &connection](const SqlError& error) {
            Report(error);
            meter.Failed(error);
            if (IsWrongServer(error)) (*connection)->GiveUp();
          }};
  auto outcomes = ExecuteBatch(**connection, entity, calls, environment);
  LogPoint newest;
  for (const auto& outcome : outcomes) {
    if (outcome && outcome->point.seq > newest.seq) newest = outcome->point;
  }
  if (newest.seq > 0) {
    watch_.Committed(entity, newest);
    OnPrimaryHead(entity, newest.seq);
  }
  return outcomes;
}

// Several workers may meet the same missing partition: one repairs, the others wait for it and find it done.
void PostgresStore::Repair(const SqlError& error) {
  const auto met = std::chrono::steady_clock::now();
  const std::scoped_lock lock(repairing_);
  if (repaired_at_ >= met) return;
  spdlog::info("repairing after {}: {}", error.sql_state, error.message);
  if (Maintain(settings_.conninfo)) repaired_at_ = std::chrono::steady_clock::now();
}

void PostgresStore::Supervise(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (!Prepare(stop)) return;
    SetReady(true);
    // A session that ended is no loss as long as the next one works.
    while (Watch(stop)) continue;
    SetReady(false);
  }
}

// Connects and migrates, with backoff; false when there is nothing left to try.
bool PostgresStore::Prepare(std::stop_token stop) {
  std::chrono::milliseconds pause = kFirstPause;
  while (!stop.stop_requested()) {
    Result<Migrated> migrated = Migrate(settings_.conninfo);
    if (migrated) {
      {
        const std::scoped_lock lock(mutex_);
        token_keys_ = migrated->token_keys;
      }
      StartWorkers(migrated->service_role);
      return true;
    }
    if (migrated.error().reason == pb::ERROR_REASON_NOT_SUPPORTED) {
      on_refused_(migrated.error());
      return false;
    }
    spdlog::warn("{}; next attempt in {} ms", migrated.error().message, pause.count());
    Sleep(stop, pause);
    pause = std::min<std::chrono::milliseconds>(pause * 2, kLongestPause);
  }
  return false;
}

// Looks for commits of other servers and for partitions to make, over one session; whether it could for a while.
bool PostgresStore::Watch(std::stop_token stop) {
  // A notification is a hint: nobody waits for its commit to be safe.
  ReconnectingConnection connection(settings_.conninfo, Options(false, false) + " -c synchronous_commit=off");
  const auto usable = connection.Get();
  if (!usable || !watch_.Begin(**usable)) return false;
  const std::stop_callback wake(stop, [this] { watch_.Wake(); });
  auto maintain_at = std::chrono::steady_clock::now() + kMaintenanceInterval;
  bool watched = false;
  while (!stop.stop_requested()) {
    if (watch_.Step(**usable) != CommitWatch::State::kGood) return watched;
    watched = true;
    metrics_.writes().waiting->Set(static_cast<double>(writes_->Waiting()));
    if (std::chrono::steady_clock::now() >= maintain_at) {
      if (auto maintained = Maintain(settings_.conninfo); !maintained)
        spdlog::warn("maintenance: {}", maintained.error().message);
      maintain_at = std::chrono::steady_clock::now() + kMaintenanceInterval;
    }
  }
  return false;
}

void PostgresStore::OnState(const dictionary::Entity& entity, const LogState& log) {
  metrics_.Of(entity).log.head->Set(static_cast<double>(log.head));
  metrics_.Of(entity).log.floor->Set(static_cast<double>(log.removed));
  OnPrimaryHead(entity, log.head);
}

// Streams are woken when they can read it: those of a standby when it is there.
void PostgresStore::OnPrimaryHead(const dictionary::Entity& entity, std::int64_t head) {
  replica_.Expect(entity, head);
  if (!replica_.Usable()) on_commit_(entity, head);
}

void PostgresStore::SetReady(bool ready) {
  replica_.SetPrimaryUp(ready);
  if (ready_.exchange(ready) == ready) return;
  spdlog::info(ready ? "the database is ready" : "the database was lost");
  on_ready_(ready);
}

void PostgresStore::StartWorkers(bool service_role) {
  if (workers_started_) return;
  for (int i = 0; i < settings_.writes.workers; ++i) {
    write_connections_.push_back(std::make_unique<ReconnectingConnection>(
        settings_.conninfo, Options(service_role, true), metrics_.writes().connections,
        [this](Connection& connection) { return guard_.Admit(connection); }));
  }
  metrics_.writes().sessions->Set(settings_.writes.workers);
  StartReaders(primary_, settings_.conninfo, service_role, metrics_.reads(), metrics_.feeds(), metrics_.queries());
  if (replica_.exists()) {
    StartReaders(standby_, settings_.read_conninfo, service_role, metrics_.standby_reads(), metrics_.standby_feeds(),
                 metrics_.standby_queries());
    replica_.Start(Options(service_role, false));
  }
  writes_ = std::make_unique<WriteCoalescer>(
      settings_.writes, [this](int worker, const dictionary::Entity& entity,
                               const std::vector<const WriteCall*>& calls) { return Execute(worker, entity, calls); });
  workers_started_ = true;
}

void PostgresStore::StartReaders(Readers& readers, const std::string& conninfo, bool service_role,
                                 const PoolMetrics& reads, const PoolMetrics& feeds, const PoolMetrics& queries) {
  const auto pool = [&](const std::string& options, int workers, const PoolMetrics& metrics) {
    return std::make_unique<WorkerPool>(conninfo, options, workers, settings_.read_queue, metrics);
  };
  const std::string options = Options(service_role, false);
  readers.reads = pool(options, settings_.read_connections, reads);
  readers.feeds = pool(options, settings_.feed_connections, feeds);
  readers.queries = pool(QueryOptions(service_role), settings_.query_connections, queries);
}

// In the connection options, so that they survive a reconnect. A plan made for an empty table must not scan a full one,
// and a batch meets its table row by row through the key.
std::string PostgresStore::Options(bool service_role, bool writer) const {
  std::string options = BaseOptions(settings_, service_role) + " -c plan_cache_mode=force_generic_plan";
  options +=
      writer ? " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off" : " -c enable_seqscan=off";
  return options;
}

// Queries of callers are all different: PostgreSQL plans each for its own values, so that a rare one is looked up and a
// frequent one scanned, and keeps a plan for all values only where that is no dearer.
std::string PostgresStore::QueryOptions(bool service_role) const {
  return BaseOptions(settings_, service_role) + " -c plan_cache_mode=auto";
}

bool PostgresStore::Sleep(std::stop_token stop, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace journeyfeed::postgres
