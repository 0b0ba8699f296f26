#include "storage/postgres/postgres_store.h"

#include <spdlog/spdlog.h>

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
      pages_(settings_.statement_timeout + kGrace) {}

void PostgresStore::Stop() {
  supervisor_.request_stop();
  wake_.notify_all();
  if (supervisor_.joinable()) supervisor_.join();
  workers_started_ = false;
  writes_.reset();
  reads_.reset();
  feeds_.reset();
  queries_.reset();
}

void PostgresStore::Start() {
  supervisor_ = std::jthread([this](std::stop_token stop) { Supervise(stop); });
}

void PostgresStore::Write(WriteCall call, Callback<WriteOutcome> done) {
  if (!workers_started_) return done(std::unexpected(Unavailable("the database is not ready")));
  writes_->Submit(std::move(call), std::move(done));
}

void PostgresStore::Retrieve(RetrieveCall call, Callback<std::optional<StoredRecord>> done) {
  Submit(reads_, &PostgresStore::ReadRecord, std::move(call), std::move(done));
}

void PostgresStore::RetrieveMultiple(RetrieveMultipleCall call, Callback<QueryPage> done) {
  Submit(queries_, &PostgresStore::ReadQuery, std::move(call), std::move(done));
}

void PostgresStore::ReadChanges(ReadChangesCall call, Callback<ChangePage> done) {
  Submit(feeds_, &PostgresStore::ReadPage, std::move(call), std::move(done));
}

// Has one of the pool's threads read, when the call's turn comes. The pool is only looked at when the workers have
// started.
template <typename Call, typename T>
void PostgresStore::Submit(const std::unique_ptr<WorkerPool>& pool,
                           Result<T> (PostgresStore::*read)(Connection&, const Call&), Call call, Callback<T> done) {
  if (!workers_started_) return done(std::unexpected(Unavailable("the database is not ready")));
  const Deadline deadline = call.deadline;
  pool->Submit(deadline, [this, read, call = std::move(call), done = std::move(done)](Result<Connection*> connection) {
    Connection* const open = connection.value_or(nullptr);
    done(open ? (this->*read)(*open, call) : std::unexpected(connection.error()));
  });
}

std::vector<std::pair<std::uint8_t, std::string>> PostgresStore::TokenKeys() const {
  const std::scoped_lock lock(mutex_);
  return token_keys_;
}

Result<std::optional<StoredRecord>> PostgresStore::ReadRecord(Connection& connection, const RetrieveCall& call) {
  if (call.not_before) {
    if (auto reached = pages_.Await(connection, *call.entity, *call.not_before); !reached)
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

Result<QueryPage> PostgresStore::ReadQuery(Connection& connection, const RetrieveMultipleCall& call) {
  if (call.not_before) {
    if (auto reached = pages_.Await(connection, *call.query.entity, *call.not_before); !reached)
      return std::unexpected(reached.error());
  }
  return postgres::ReadQuery(connection, call.query, settings_.statement_timeout + kGrace, Report);
}

Result<ChangePage> PostgresStore::ReadPage(Connection& connection, const ReadChangesCall& call) {
  return pages_.Read(connection, call);
}

std::vector<Result<WriteOutcome>> PostgresStore::Execute(int worker, const dictionary::Entity& entity,
                                                         const std::vector<const WriteCall*>& calls) {
  auto connection = write_connections_.at(static_cast<std::size_t>(worker))->Get();
  if (!connection) return std::vector<Result<WriteOutcome>>(calls.size(), std::unexpected(connection.error()));
  const BatchEnvironment environment{
      .timeout = settings_.statement_timeout + kGrace,
      .repair = [this](const dictionary::Entity&, const SqlError& error) { Repair(error); },
      .report = Report};
  auto outcomes = ExecuteBatch(**connection, entity, calls, environment);
  std::int64_t head = 0;
  for (const auto& outcome : outcomes) {
    if (outcome) head = std::max(head, outcome->point.seq);
  }
  if (head > 0) on_commit_(entity, head);
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
    Watch(stop);
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

// Looks for commits of other servers and for partitions to make; returns when the database is lost.
void PostgresStore::Watch(std::stop_token stop) {
  ReconnectingConnection connection(settings_.conninfo, Options(false, false));
  auto maintain_at = std::chrono::steady_clock::now() + kMaintenanceInterval;
  while (!stop.stop_requested()) {
    auto usable = connection.Get();
    if (!usable || !Poll(**usable)) return;
    if (std::chrono::steady_clock::now() >= maintain_at) {
      if (auto maintained = Maintain(settings_.conninfo); !maintained)
        spdlog::warn("maintenance: {}", maintained.error().message);
      maintain_at = std::chrono::steady_clock::now() + kMaintenanceInterval;
    }
    Sleep(stop, settings_.poll_interval);
  }
}

bool PostgresStore::Poll(Connection& connection) {
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    auto state = pages_.State(connection, *entity, {});
    if (!state) return false;
    on_commit_(*entity, state->head);
  }
  return true;
}

void PostgresStore::SetReady(bool ready) {
  if (ready_.exchange(ready) == ready) return;
  spdlog::info(ready ? "the database is ready" : "the database was lost");
  on_ready_(ready);
}

void PostgresStore::StartWorkers(bool service_role) {
  if (workers_started_) return;
  for (int i = 0; i < settings_.writes.workers; ++i) {
    write_connections_.push_back(
        std::make_unique<ReconnectingConnection>(settings_.conninfo, Options(service_role, true)));
  }
  const std::string reader = Options(service_role, false);
  reads_ = std::make_unique<WorkerPool>(settings_.conninfo, reader, settings_.read_connections, settings_.read_queue);
  feeds_ = std::make_unique<WorkerPool>(settings_.conninfo, reader, settings_.feed_connections, settings_.read_queue);
  queries_ = std::make_unique<WorkerPool>(settings_.conninfo, QueryOptions(service_role), settings_.query_connections,
                                          settings_.read_queue);
  writes_ = std::make_unique<WriteCoalescer>(
      settings_.writes, [this](int worker, const dictionary::Entity& entity,
                               const std::vector<const WriteCall*>& calls) { return Execute(worker, entity, calls); });
  workers_started_ = true;
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
