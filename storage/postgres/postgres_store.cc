#include "storage/postgres/postgres_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "storage/base/guarded.h"
#include "storage/base/pause.h"
#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/schema/migrator.h"
#include "storage/postgres/write/batch_meter.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// How long a batch of many calls waits for a foreign lock, in milliseconds: all of its calls wait with the blocked one.
constexpr char kSharedPatience[] = " -c journeyfeed.lock_patience=250";
constexpr auto kFirstPause = 50ms;
constexpr auto kLongestPause = 2s;

constexpr std::chrono::milliseconds kSweepTimeout = 30s;

// Reading a log's head is always short: a server that does not answer in this time is silent.
constexpr auto kLookTimeout = 5s;

// A standby that does not answer in this time is not read.
constexpr auto kReplicaTimeout = 3s;

std::string BaseOptions(const PostgresSettings& settings, bool service_role) {
  std::string options = "-c jit=off -c default_transaction_isolation=read\\ committed";
  options += " -c client_min_messages=warning -c idle_in_transaction_session_timeout=10s -c timezone=UTC";
  options += " -c statement_timeout=" + std::to_string(settings.statement_timeout.count());
  options += " -c lock_timeout=" + std::to_string(settings.lock_timeout.count());
  if (service_role) options += " -c role=journeyfeed_service";
  return options;
}

Status TooManyRows() {
  return {.reason = pb::ERROR_REASON_OVERLOADED,
          .message = "too many rows are being written",
          .retry_after = std::chrono::seconds(1)};
}

}  // namespace

PostgresStore::PostgresStore(PostgresSettings settings, std::function<void(const Status&)> on_refused)
    : settings_(std::move(settings)),
      on_refused_(std::move(on_refused)),
      metrics_(settings_.registry),
      disk_(settings_.disk, settings_.disk_reserve, metrics_.disk()),
      guard_(settings_.conninfo, kLookTimeout, metrics_, stopping_.get_token()),
      watch_(
          {.poll_interval = settings_.poll_interval, .timeout = kLookTimeout, .keys = [this] { return TokenKeys(); }},
          guard_, metrics_, [this](const dictionary::Entity& entity, const LogState& log) { OnState(entity, log); },
          [this](const dictionary::Entity& entity, std::int64_t head) {
            OnPrimaryHead(entity, head, *metrics_.replication().looks_notified);
          }),
      foreign_locks_(*metrics_.upkeep().foreign_lock),
      standby_({.conninfo = settings_.read_conninfo,
                .timeout = kReplicaTimeout,
                .poll_interval = settings_.poll_interval,
                .lag_limit = settings_.read_lag_limit},
               guard_, metrics_,
               [this](const dictionary::Entity& entity, std::int64_t head) { TellCommit(entity, head); }),
      primary_readers_(settings_.statement_timeout + kGrace),
      standby_readers_(settings_.statement_timeout + kGrace) {}

void PostgresStore::Report(const SqlError& error) {
  if (error.abandoned) return;
  spdlog::warn("statement failed: {} {}", error.sql_state.empty() ? "(no answer)" : error.sql_state, error.message);
}

void PostgresStore::Stop() {
  stopping_.request_stop();
  supervisor_.request_stop();
  if (supervisor_.joinable()) supervisor_.join();
  standby_.Stop();
  workers_started_ = false;
  sweepers_.clear();
  upkeep_.reset();
  writes_.reset();
  // The standby's pools pass calls on to the primary's, which must answer them: stop them first.
  standby_readers_.Stop();
  primary_readers_.Stop();
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
  if (auto refusal = disk_.Refusal()) return done(std::unexpected(*std::move(refusal)));
  writes_->Submit(std::move(call), std::move(done));
}

bool PostgresStore::LacksTokenKey(std::uint8_t id) {
  const bool lacks = token_keys_.Lacks(id);
  if (token_keys_.LookIsDue()) watch_.Wake();
  return lacks;
}

std::vector<Result<WriteOutcome>> PostgresStore::Execute(int worker, const dictionary::Entity& entity,
                                                         const std::vector<const WriteCall*>& calls,
                                                         std::vector<CallFate>& fates) {
  const std::int64_t locks = LocksOf(calls);
  const bool in_lane = worker == settings_.writes.workers && locks <= kLaneLocks;
  const auto until = std::chrono::steady_clock::now() + settings_.statement_timeout;
  const auto share = in_lane ? std::optional(LockBudget::Share(locks_, 0)) : locks_.Take(locks, until);
  if (!share) return std::vector<Result<WriteOutcome>>(calls.size(), std::unexpected(TooManyRows()));
  ReconnectingConnection& session = *write_connections_.at(static_cast<std::size_t>(worker));
  auto connection = session.Get();
  if (!connection) return std::vector<Result<WriteOutcome>>(calls.size(), std::unexpected(connection.error()));
  const BatchMeter meter(metrics_.writes(), metrics_.Of(entity).batches, calls);
  int errors = 0;
  bool sent = false;
  const BatchEnvironment environment{
      .timeout = settings_.statement_timeout + kGrace,
      .repair = [this](const dictionary::Entity&, const SqlError& error) { Repair(error); },
      .report =
          [&](const SqlError& error) {
            Report(error);
            ++errors;
            sent = sent || !error.connection_lost || error.sent;
            meter.Failed(error);
            if (IsWrongServer(error)) (*connection)->GiveUp();
          }};
  std::vector<Result<WriteOutcome>> outcomes;
  try {
    outcomes = ExecuteBatch(**connection, entity, calls, environment, &fates);
    // The database closed the connection while it was idle, and has seen nothing of the batch.
    if (errors == 1 && !sent) {
      connection = session.Get();
      if (connection) outcomes = ExecuteBatch(**connection, entity, calls, environment, &fates);
    }
  } catch (...) {
    session.Drop();  // its state is unknown
    throw;
  }
  LogPoint newest;
  for (const auto& outcome : outcomes) {
    if (!outcome) continue;
    const LogPoint point = DecodePoint(outcome->point).value_or(LogPoint{});
    if (point.seq > newest.seq) newest = point;
  }
  if (newest.seq > 0) {
    watch_.Committed(entity, newest);
    OnPrimaryHead(entity, newest.seq, *metrics_.replication().looks_own);
  }
  return outcomes;
}

// Several workers may meet the same missing partition: one repairs it, the others wait and find it repaired.
void PostgresStore::Repair(const SqlError& error) {
  const auto met = std::chrono::steady_clock::now();
  const std::scoped_lock lock(repairing_);
  if (repaired_at_ >= met) return;
  spdlog::info("repairing after {}: {}", error.sql_state, error.message);
  if (Maintain(settings_.conninfo, stopping_.get_token())) repaired_at_ = std::chrono::steady_clock::now();
}

void PostgresStore::Supervise(std::stop_token stop) {
  bool serves = true;
  while (!stop.stop_requested() && serves) {
    const bool good = Guarded("the supervisor", [&] {
      serves = Prepare(stop);
      if (!serves) return;
      SetReady(true);
      // A connection that ended is no loss if the next one works.
      while (Watch(stop)) continue;
      SetReady(false);
    });
    if (good) continue;
    // The ready listener may have thrown before it noted the change: call it again.
    Guarded("the supervisor", [this] { SetReady(false); });
    if (!Pause(stop, kLongestPause)) return;
  }
}

// Connects and migrates, with backoff. Returns false when the store stops or can never serve this database.
bool PostgresStore::Prepare(std::stop_token stop) {
  Backoff backoff(kFirstPause, kLongestPause);
  while (!stop.stop_requested()) {
    const auto asked_at = std::chrono::steady_clock::now();
    Result<Migrated> migrated = Migrate(settings_.conninfo, !workers_started_, stop, settings_.more_migrations);
    if (migrated) {
      token_keys_.Learn(std::move(migrated->token_keys), asked_at);
      auto refusal = RefuseLockTable(migrated->lock_table, settings_.expected_replicas);
      if (refusal && !workers_started_) {
        on_refused_(*refusal);
        return false;
      }
      TellOpenness(migrated->open_to_others);
      locks_.SetLimit(LockShare(migrated->lock_table, settings_.expected_replicas));
      StartWorkers(migrated->service_role);
      return true;
    }
    if (migrated.error().reason == pb::ERROR_REASON_NOT_SUPPORTED) {
      on_refused_(migrated.error());
      return false;
    }
    const auto pause = backoff.Next();
    spdlog::warn("{}; next attempt in {} ms", migrated.error().message, pause.count());
    if (!Pause(stop, pause)) return false;
  }
  return false;
}

// Watches for commits of other servers over one connection. Returns whether that worked for a while.
bool PostgresStore::Watch(std::stop_token stop) {
  // A notification is a hint: its commit need not be durable.
  ReconnectingConnection connection(settings_.conninfo, Options(false, false) + " -c synchronous_commit=off", nullptr,
                                    {}, stop);
  const auto usable = connection.Get();
  if (!usable || !watch_.Begin(**usable)) return false;
  const std::stop_callback wake(stop, [this] { watch_.Wake(); });
  bool watched = false;
  while (!stop.stop_requested()) {
    if (watch_.Step(**usable) != CommitWatch::State::kGood) return watched;
    if (token_keys_.LookIsDue() && !token_keys_.Look(**usable, kLookTimeout)) return watched;
    watched = true;
    foreign_locks_.Look(**usable);
    metrics_.writes().waiting->Set(static_cast<double>(writes_->Waiting()));
  }
  return false;
}

void PostgresStore::OnState(const dictionary::Entity& entity, const LogState& log) {
  metrics_.Of(entity).log.head->Set(static_cast<double>(log.head));
  metrics_.Of(entity).log.floor->Set(static_cast<double>(log.removed));
  OnPrimaryHead(entity, log.head, *metrics_.replication().looks_polled);
}

// Wakes streams when they can read the commit: those on a standby when the standby shows it.
void PostgresStore::OnPrimaryHead(const dictionary::Entity& entity, std::int64_t head, prometheus::Counter& cause) {
  {
    const std::scoped_lock lock(heads_mutex_);
    std::int64_t& newest = heads_[entity.id];
    if (newest < head) cause.Increment();
    newest = std::max(newest, head);
  }
  standby_.Expect(entity, head);
  if (!standby_.Usable()) TellCommit(entity, head);
}

// A listener that throws does not change the commit.
void PostgresStore::TellCommit(const dictionary::Entity& entity, std::int64_t head) {
  Guarded("telling of a commit", [&] { on_commit_(entity, head); });
}

void PostgresStore::SetReady(bool ready) {
  standby_.SetPrimaryUp(ready);
  if (ready_.exchange(ready) == ready) return;
  spdlog::info(ready ? "the database is ready" : "the database was lost");
  on_ready_(ready);
}

// Logged once: it is the usual state of a database that an administrator made.
void PostgresStore::TellOpenness(const std::string& database) {
  metrics_.upkeep().open_to_others->Set(database.empty() ? 0 : 1);
  if (database.empty() || workers_started_) return;
  spdlog::info(
      "every role of the database server may connect to this database and block its writes with a lock; to prevent it:"
      " revoke connect, temporary on database {} from public",
      database);
}

void PostgresStore::StartWorkers(bool service_role) {
  if (workers_started_) return;
  // The last connection belongs to the blocked lane. Only its calls wait for the whole lock timeout.
  for (int i = 0; i <= settings_.writes.workers; ++i) {
    const std::string patience = i < settings_.writes.workers ? kSharedPatience : "";
    write_connections_.push_back(std::make_unique<ReconnectingConnection>(
        settings_.conninfo, Options(service_role, true) + patience, metrics_.writes().connections,
        [this](Connection& connection) { return guard_.Admit(connection); }));
  }
  metrics_.writes().sessions->Set(settings_.writes.workers + 1);
  StartReaders(primary_readers_, settings_.conninfo, service_role, metrics_.reads(), metrics_.feeds(),
               metrics_.queries());
  if (standby_.exists()) {
    StartReaders(standby_readers_, settings_.read_conninfo, service_role, metrics_.standby_reads(),
                 metrics_.standby_feeds(), metrics_.standby_queries());
    standby_.Start(Options(service_role, false));
  }
  writes_ = std::make_unique<WriteCoalescer>(
      settings_.writes, [this](int worker, const dictionary::Entity& entity, const std::vector<const WriteCall*>& calls,
                               std::vector<CallFate>& fates) { return Execute(worker, entity, calls, fates); });
  workers_started_ = true;
  StartUpkeep(service_role);
}

void PostgresStore::StartUpkeep(bool service_role) {
  upkeep_ = std::make_unique<Upkeep>(UpkeepSettings{.conninfo = settings_.conninfo,
                                                    .interval = settings_.upkeep_interval,
                                                    .rotation = {.log_retention_days = settings_.log_retention_days}},
                                     metrics_);
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    if (!entity->elastic || settings_.sweep_interval.count() == 0) continue;
    sweepers_.push_back(std::make_unique<ExpirySweeper>(
        *entity,
        SweeperSettings{.conninfo = settings_.conninfo,
                        .options = SweeperOptions(service_role),
                        .interval = settings_.sweep_interval,
                        .on_commit =
                            [this](const dictionary::Entity& swept, const LogPoint& reached) {
                              watch_.Committed(swept, reached);
                              OnPrimaryHead(swept, reached.seq, *metrics_.replication().looks_own);
                            },
                        .admit = [this](Connection& connection) { return guard_.Admit(connection); },
                        .may_write = [this] { return !disk_.Refusal(); }},
        BatchEnvironment{.timeout = kSweepTimeout + kGrace,
                         .repair = [this](const dictionary::Entity&, const SqlError& error) { Repair(error); },
                         .report = Report},
        metrics_.Of(*entity).sweeper));
  }
}

void PostgresStore::StartReaders(Readers& readers, const std::string& conninfo, bool service_role,
                                 const PoolMetrics& reads, const PoolMetrics& feeds, const PoolMetrics& queries) {
  const auto pool = [&](const std::string& options, int workers, const PoolMetrics& metrics) {
    return std::make_unique<WorkerPool>(conninfo, options + kEndsWithItsClient, workers, settings_.read_queue, metrics);
  };
  const std::string options = Options(service_role, false);
  readers.reads = pool(options, settings_.read_connections, reads);
  readers.feeds = pool(options, settings_.feed_connections, feeds);
  readers.queries = pool(QueryOptions(service_role), settings_.query_connections, queries);
}

// In the connection options, so that they survive a reconnect. A plan made for an empty table must not scan a full one,
// and a batch finds its rows one by one through the key.
std::string PostgresStore::Options(bool service_role, bool writer) const {
  std::string options = BaseOptions(settings_, service_role) + " -c plan_cache_mode=force_generic_plan";
  options +=
      writer ? " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off" : " -c enable_seqscan=off";
  return options;
}

// Callers' queries are all different: PostgreSQL plans each for its own values, so that it looks a rare value up and
// scans for a frequent one. It keeps a generic plan only where that costs no more.
std::string PostgresStore::QueryOptions(bool service_role) const {
  return BaseOptions(settings_, service_role) + " -c plan_cache_mode=auto";
}

// A look ahead may read the records of a whole hour. A process that stands still must lose the right to sweep: its idle
// connection ends.
std::string PostgresStore::SweeperOptions(bool service_role) const {
  const auto idle = std::max<std::chrono::milliseconds>(10s, 3 * settings_.sweep_interval);
  return Options(service_role, true) + " -c statement_timeout=" + std::to_string(kSweepTimeout / 1ms) +
         " -c idle_session_timeout=" + std::to_string(idle.count()) + kSharedPatience;
}

}  // namespace journeyfeed::postgres
