// Decides which server answers a read, and how long a read waits for a server that is behind.
//
// A read goes to the standby while that may be read, else to the primary. What the standby cannot answer, the primary
// does. A read whose token the server has not reached is made again after growing pauses, for a short time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "storage/postgres/feed/change_pages.h"
#include "storage/postgres/feed/history_guard.h"
#include "storage/postgres/postgres_settings.h"
#include "storage/postgres/read/read_pools.h"
#include "storage/postgres/read/standby.h"
#include "storage/postgres/store_metrics.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// The reads of Store: any thread. All else: one thread at a time.
class ReadRouter {
 public:
  // `history`: what the primary is known to have. All references outlive this.
  ReadRouter(const PostgresSettings& settings, const StoreMetrics& metrics, const HistoryGuard& history,
             const Standby& standby)
      : settings_(settings), metrics_(metrics), history_(history), standby_(standby) {}

  // Makes the pools of both servers. Does nothing if they are there. `service_role`: see ReadOptions.
  void Start(bool service_role);
  // From now on calls are answered with UNAVAILABLE, and none waits for a server that is behind.
  void Close() { open_ = false; }
  // Waits for reads in flight, and answers waiting ones. Precondition: Close, and no call of a read is under way.
  void Stop();

  // See Store.
  void Retrieve(RecordRequest call, Store::Callback<std::optional<StoredRecord>> done);
  void RetrieveMultiple(QueryRequest call, Store::Callback<QueryPage> done);
  void ReadChanges(ChangePageRequest call, Store::Callback<ChangePage> done);
  void RetrieveChangeWindow(ChangeWindowRequest call, Store::Callback<ChangeWindow> done);

 private:
  using Pause = std::chrono::milliseconds;
  template <typename Call, typename T>
  struct Reading;

  template <typename Call, typename T>
  void Route(Call call, Store::Callback<T> done);
  template <typename Call, typename T>
  void Queue(Reading<Call, T> reading, Pause pause);
  template <typename Call, typename T>
  Result<T> Read(const Reading<Call, T>& reading, Connection& connection, ChangePages& pages);
  template <typename Call, typename T>
  void Answer(Reading<Call, T> reading, Pause pause, Result<T> result);
  bool IsForPrimary(const Failure& error, const dictionary::Entity& entity, const LogPoint& need) const;

  Result<std::optional<StoredRecord>> Ask(Connection& connection, ChangePages& pages, const RecordRequest& call) const;
  Result<QueryPage> Ask(Connection& connection, ChangePages& pages, const QueryRequest& call) const;
  Result<ChangePage> Ask(Connection& connection, ChangePages& pages, const ChangePageRequest& call) const;
  Result<ChangeWindow> Ask(Connection& connection, ChangePages& pages, const ChangeWindowRequest& call) const;

  const PostgresSettings& settings_;
  const StoreMetrics& metrics_;
  const HistoryGuard& history_;
  const Standby& standby_;
  std::atomic<bool> open_ = false;
  // Made by Start before it opens the router.
  ReadPools primary_pools_{settings_};
  ReadPools standby_pools_{settings_};
};

}  // namespace journeyfeed::postgres
