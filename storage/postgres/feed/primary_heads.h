// The newest known head of each entity's log on the primary, and who is told of it: streams are woken when they can
// read the commit, those on a standby when the standby shows it.
#pragma once

#include <prometheus/counter.h>

#include <cstdint>
#include <map>

#include "storage/base/mutex.h"
#include "storage/postgres/feed/position_check.h"
#include "storage/postgres/read/standby.h"
#include "storage/postgres/store_metrics.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// Thread-safe. Does not block.
class PrimaryHeads {
 public:
  // `standby` and `metrics` outlive this.
  PrimaryHeads(Standby& standby, const StoreMetrics& metrics) : standby_(standby), metrics_(metrics) {}

  // The rules of Store::SetCommitListener. A listener that throws does not change the commit.
  void SetListener(Store::CommitListener listener) { listener_ = std::move(listener); }

  // How a head was learned: by a commit of this server, a notification of another one, or a poll of the log. A head
  // that was not known yet is counted by it.
  void Committed(const dictionary::Entity& entity, std::int64_t head);
  void Notified(const dictionary::Entity& entity, std::int64_t head);
  void Polled(const dictionary::Entity& entity, const LogState& log);

  // Calls the listener: the server that streams read shows `head`.
  void TellShown(const dictionary::Entity& entity, std::int64_t head) const;

 private:
  void Learn(const dictionary::Entity& entity, std::int64_t head, prometheus::Counter& cause) JF_EXCLUDES(mutex_);

  Standby& standby_;
  const StoreMetrics& metrics_;
  Store::CommitListener listener_ = [](const dictionary::Entity&, std::int64_t) {};  // set before any thread starts
  Mutex mutex_;
  std::map<std::int16_t, std::int64_t> heads_ JF_GUARDED_BY(mutex_);  // by entity
};

}  // namespace journeyfeed::postgres
