// The store on PostgreSQL: makes its parts, connects them, and starts and stops them in order.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/feed/commit_watch.h"
#include "storage/postgres/feed/history_guard.h"
#include "storage/postgres/feed/primary_heads.h"
#include "storage/postgres/postgres_settings.h"
#include "storage/postgres/read/read_router.h"
#include "storage/postgres/read/standby.h"
#include "storage/postgres/schema/owner_repair.h"
#include "storage/postgres/schema/token_key_set.h"
#include "storage/postgres/store_metrics.h"
#include "storage/postgres/supervisor.h"
#include "storage/postgres/upkeep/disk_guard.h"
#include "storage/postgres/upkeep/upkeep_workers.h"
#include "storage/postgres/write/write_lanes.h"
#include "storage/postgres/write/write_parts.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

class PostgresStore final : public Store {
 public:
  // Does not connect yet. `on_refused` is called once, from a thread of the store, if this server can never serve this
  // database (a newer schema, for example).
  PostgresStore(PostgresSettings settings, std::function<void(const Failure&)> on_refused);
  ~PostgresStore() override { Stop(); }

  // Starts connecting; returns at once. Set the listeners before.
  void Start();

  // Waits for calls in flight, and answers waiting ones with UNAVAILABLE. No call may arrive meanwhile; later ones get
  // UNAVAILABLE.
  void Stop();

  void Write(WriteRequest call, Callback<WriteOutcome> done) override;
  void Retrieve(RecordRequest call, Callback<std::optional<StoredRecord>> done) override;
  void RetrieveMultiple(QueryRequest call, Callback<QueryPage> done) override;
  void ReadChanges(ChangePageRequest call, Callback<ChangePage> done) override;
  void RetrieveChangeWindow(ChangeWindowRequest call, Callback<ChangeWindow> done) override;
  ChangePosition RestartLoad(const ChangePosition& position) const override { return postgres::RestartLoad(position); }
  PageEnd EndBefore(const PageEnd& end, std::int64_t seq) const override { return postgres::EndBefore(end, seq); }
  CommitPoint LaterPoint(const CommitPoint& a, const CommitPoint& b) const override {
    return postgres::LaterPoint(a, b);
  }
  void SetCommitListener(CommitListener listener) override { heads_.SetListener(std::move(listener)); }
  void SetReadyListener(std::function<void(bool)> listener) override { on_ready_ = std::move(listener); }
  std::vector<std::pair<std::uint8_t, std::string>> TokenKeys() const override { return token_keys_.Keys(); }
  bool LacksTokenKey(std::uint8_t id) override;

 private:
  void StartParts(bool service_role);
  void TellReady(bool ready);
  WriteParts PartsOfWriters();

  const PostgresSettings settings_;
  const StoreMetrics metrics_;
  std::function<void(bool)> on_ready_ = [](bool) {};
  std::stop_source stopping_;  // ends the waits of history_ and repair_

  TokenKeySet token_keys_;
  DiskGuard disk_;
  HistoryGuard history_;
  OwnerRepair repair_;
  CommitWatch watch_;
  Standby standby_;
  PrimaryHeads heads_;

  WriteLanes writes_;
  ReadRouter reads_;
  UpkeepWorkers upkeep_;
  Supervisor supervisor_;  // last: its thread uses everything above
};

}  // namespace journeyfeed::postgres
