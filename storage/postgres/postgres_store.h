// The store on PostgreSQL.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "storage/coalescer/write_coalescer.h"
#include "storage/postgres/connection/worker_pool.h"
#include "storage/postgres/feed/change_pages.h"
#include "storage/postgres/feed/commit_watch.h"
#include "storage/postgres/feed/history_guard.h"
#include "storage/postgres/read/standby.h"
#include "storage/postgres/schema/migrator.h"
#include "storage/postgres/schema/token_key_set.h"
#include "storage/postgres/store_metrics.h"
#include "storage/postgres/upkeep/disk_guard.h"
#include "storage/postgres/upkeep/expiry_sweeper.h"
#include "storage/postgres/upkeep/foreign_locks.h"
#include "storage/postgres/upkeep/upkeep.h"
#include "storage/postgres/write/lock_budget.h"
#include "storage/postgres/write/write_batch.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

struct PostgresSettings {
  std::string conninfo;       // of the owner of the schema
  std::string read_conninfo;  // of a streaming standby that reads, queries and feeds go to; empty: none
  int read_connections = 4;
  int feed_connections = 2;
  int query_connections = 4;
  std::size_t read_queue = 10000;
  CoalescerLimits writes;
  int expected_replicas = 1;  // most that write to the database at a time; each takes its share of the lock table
  std::chrono::milliseconds statement_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds lock_timeout = std::chrono::seconds(2);
  std::chrono::milliseconds poll_interval = std::chrono::milliseconds(250);  // for commits of other servers
  std::chrono::milliseconds read_lag_limit = std::chrono::seconds(10);       // of the standby
  std::shared_ptr<prometheus::Registry> registry;                            // null: nothing is measured
  std::chrono::milliseconds sweep_interval = std::chrono::seconds(1);        // of the expiry sweeper; zero: none
  std::chrono::milliseconds upkeep_interval = std::chrono::minutes(1);
  int log_retention_days = 7;
  std::string disk;                             // a directory on the database's disk; empty: unknown
  std::int64_t disk_reserve = 0;                // bytes on it that writes leave free
  std::vector<Migration> more_migrations = {};  // of entities that are registered outside this repository's proto/
};

class PostgresStore final : public Store {
 public:
  // Does not connect yet. `on_refused` is called once, from a thread of the store, if this server can never serve this
  // database (a newer schema, for example).
  PostgresStore(PostgresSettings settings, std::function<void(const Status&)> on_refused);
  ~PostgresStore() override { Stop(); }

  // Starts connecting; returns at once. Set the listeners before.
  void Start();

  // Waits for calls in flight, and answers waiting ones with UNAVAILABLE. No call may arrive meanwhile; later ones get
  // UNAVAILABLE.
  void Stop();

  void Write(WriteCall call, Callback<WriteOutcome> done) override;
  void Retrieve(RetrieveCall call, Callback<std::optional<StoredRecord>> done) override;
  void RetrieveMultiple(RetrieveMultipleCall call, Callback<QueryPage> done) override;
  void ReadChanges(ReadChangesCall call, Callback<ChangePage> done) override;
  ChangePosition RestartLoad(const ChangePosition& position) const override { return postgres::RestartLoad(position); }
  CommitPoint LaterPoint(const CommitPoint& a, const CommitPoint& b) const override {
    return postgres::LaterPoint(a, b);
  }
  void SetCommitListener(CommitListener listener) override { on_commit_ = std::move(listener); }
  void SetReadyListener(std::function<void(bool)> listener) override { on_ready_ = std::move(listener); }
  std::vector<std::pair<std::uint8_t, std::string>> TokenKeys() const override { return token_keys_.Keys(); }
  bool LacksTokenKey(std::uint8_t id) override;

 private:
  // By how much the client's timeout exceeds the server's, so that the server's answer normally counts.
  static constexpr std::chrono::milliseconds kGrace = std::chrono::seconds(5);
  static void Report(const SqlError& error);

  void Supervise(std::stop_token stop);
  bool Prepare(std::stop_token stop);
  bool Watch(std::stop_token stop);
  void OnState(const dictionary::Entity& entity, const LogState& log);
  // Counts in `cause` if the head was not known.
  void OnPrimaryHead(const dictionary::Entity& entity, std::int64_t head, prometheus::Counter& cause);
  void TellCommit(const dictionary::Entity& entity, std::int64_t head);
  void SetReady(bool ready);
  void TellOpenness(const std::string& database);
  void StartWorkers(bool service_role);
  void StartUpkeep(bool service_role);
  void Repair(const SqlError& error);
  std::vector<Result<WriteOutcome>> Execute(int worker, const dictionary::Entity& entity,
                                            const std::vector<const WriteCall*>& calls, std::vector<CallFate>& fates);
  // Connections to one server by purpose, and the check of its positions.
  struct Readers {
    explicit Readers(std::chrono::milliseconds timeout) : pages(timeout) {}
    void Stop();
    ChangePages pages;
    std::unique_ptr<WorkerPool> reads;
    std::unique_ptr<WorkerPool> feeds;
    std::unique_ptr<WorkerPool> queries;
  };
  using Pool = std::unique_ptr<WorkerPool> Readers::*;
  template <typename Call, typename T>
  struct Reading;

  Result<std::optional<StoredRecord>> ReadRecord(Connection& connection, ChangePages& pages, const RetrieveCall& call);
  Result<ChangePage> ReadPage(Connection& connection, ChangePages& pages, const ReadChangesCall& call);
  Result<QueryPage> ReadQuery(Connection& connection, ChangePages& pages, const RetrieveMultipleCall& call);
  template <typename Call, typename T>
  void Submit(Reading<Call, T> reading);
  template <typename Call, typename T>
  void Run(Reading<Call, T> reading, std::chrono::milliseconds pause);
  template <typename Call, typename T>
  Result<T> Read(const Reading<Call, T>& reading, Connection& connection, ChangePages& pages);
  template <typename Call, typename T>
  void Answer(Reading<Call, T> reading, std::chrono::milliseconds pause, Result<T> result);
  bool IsForPrimary(const Status& error, const dictionary::Entity& entity, std::int64_t incarnation,
                    std::int64_t seq) const;
  void StartReaders(Readers& readers, const std::string& conninfo, bool service_role, const PoolMetrics& reads,
                    const PoolMetrics& feeds, const PoolMetrics& queries);
  std::string Options(bool service_role, bool writer) const;
  std::string QueryOptions(bool service_role) const;
  std::string SweeperOptions(bool service_role) const;

  const PostgresSettings settings_;
  const std::function<void(const Status&)> on_refused_;
  CommitListener on_commit_ = [](const dictionary::Entity&, std::int64_t) {};
  std::function<void(bool)> on_ready_ = [](bool) {};
  const StoreMetrics metrics_;
  std::stop_source stopping_;
  DiskGuard disk_;
  HistoryGuard guard_;
  CommitWatch watch_;
  ForeignLocks foreign_locks_;  // used only by the supervisor
  Standby standby_;

  std::mutex heads_mutex_;
  std::map<std::int16_t, std::int64_t> heads_;  // of the primary, by entity; guarded by heads_mutex_

  std::atomic<bool> ready_ = false;
  mutable std::mutex mutex_;
  TokenKeySet token_keys_;
  LockBudget locks_;

  // Made once by the supervisor, before ready_ is first set; constant from then on.
  std::vector<std::unique_ptr<ReconnectingConnection>> write_connections_;
  Readers primary_readers_;
  Readers standby_readers_;
  std::unique_ptr<WriteCoalescer> writes_;
  std::vector<std::unique_ptr<ExpirySweeper>> sweepers_;
  std::unique_ptr<Upkeep> upkeep_;
  std::atomic<bool> workers_started_ = false;

  std::mutex repairing_;
  std::chrono::steady_clock::time_point repaired_at_;  // guarded by repairing_

  std::jthread supervisor_;  // connects, migrates, watches the heads; joined first
};

}  // namespace journeyfeed::postgres
