// The store's Prometheus metrics. All are registered once, at zero; each class that counts keeps its handles. One
// struct per subject: a new subject gets a new struct here.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::postgres {

// A pool of database connections with one queue. Nothing is counted through a null handle.
struct PoolMetrics {
  prometheus::Gauge* waiting = nullptr;        // calls in the queue
  prometheus::Gauge* busy = nullptr;           // connections that work for a call
  prometheus::Gauge* sessions = nullptr;       // most that can be busy
  prometheus::Histogram* wait_time = nullptr;  // seconds from arrival to a connection; not measured for writes
  prometheus::Counter* connections = nullptr;  // connections opened, including those after a loss
};

// Batches of one entity's writes.
struct BatchMetrics {
  prometheus::Histogram* rows = nullptr;
  prometheus::Histogram* duration = nullptr;  // seconds, including locks and commit
  // Batches that failed as a whole, by cause.
  prometheus::Counter* lock_timeouts = nullptr;
  prometheus::Counter* statement_timeouts = nullptr;
  prometheus::Counter* disk_full = nullptr;
  prometheus::Counter* connections_lost = nullptr;
  prometheus::Counter* other_errors = nullptr;
};

// The change log of one entity, at the last sample.
struct LogMetrics {
  prometheus::Gauge* head = nullptr;        // newest sequence number
  prometheus::Gauge* floor = nullptr;       // highest removed one: the oldest usable position
  prometheus::Gauge* bytes = nullptr;       // of all partitions with their indexes
  prometheus::Gauge* partitions = nullptr;  // including those made ahead
  prometheus::Gauge* oldest_age = nullptr;  // seconds since the oldest kept change
};

// Removal of expired records of one (elastic) entity.
struct SweeperMetrics {
  prometheus::Counter* removed = nullptr;
  prometheus::Counter* kept = nullptr;        // candidates that were renewed or removed by another writer meanwhile
  prometheus::Gauge* backlog_age = nullptr;   // seconds since the oldest expiry whose record is still in the table
  prometheus::Histogram* duration = nullptr;  // seconds of a batch
  prometheus::Counter* errors = nullptr;
};

// Rotation of one entity's log.
struct RotationMetrics {
  prometheus::Counter* closed = nullptr;   // partitions ended before they were full
  prometheus::Counter* removed = nullptr;  // partitions dropped
};

// Histories of one entity's log, and the answers to positions of its feed.
struct HistoryMetrics {
  prometheus::Counter* opened = nullptr;   // by this process
  prometheus::Counter* held = nullptr;     // pages and reads that waited because the server was behind their position
  prometheus::Counter* changed = nullptr;  // answers of FEED_HISTORY_CHANGED
};

// Commits between servers, and the read database.
struct ReplicationMetrics {
  prometheus::Counter* sent = nullptr;        // notifications
  prometheus::Counter* received = nullptr;    // from other servers
  prometheus::Counter* unverified = nullptr;  // without a valid code of ours, or too old: not believed
  prometheus::Counter* polled = nullptr;      // commits of other servers that a poll found before any notification
  // How a newer head of a log was first learned; streams then look.
  prometheus::Counter* heads_own = nullptr;       // this server's own commit
  prometheus::Counter* heads_notified = nullptr;  // a notification
  prometheus::Counter* heads_polled = nullptr;    // a poll
  prometheus::Gauge* read_lag = nullptr;          // seconds; age of the newest state known to be on the read database
  prometheus::Gauge* read_usable = nullptr;  // 1: reads go to the read database; 0: to the primary, or there is none
  prometheus::Counter* read_fallbacks = nullptr;  // calls that the primary answered instead of the read database
};

// Periodic upkeep of the store.
struct UpkeepMetrics {
  prometheus::Counter* rounds = nullptr;
  prometheus::Counter* errors = nullptr;
  prometheus::Gauge* last_success = nullptr;        // seconds since 1970; zero: none yet
  prometheus::Counter* outcomes_removed = nullptr;  // partitions of request outcomes
  prometheus::Gauge* lock_waiters = nullptr;        // connections of the service that wait for a lock
  prometheus::Gauge* foreign_lock = nullptr;        // seconds for which a foreign connection has blocked the service
  prometheus::Gauge* open_to_others = nullptr;      // 1: every role of the server may connect to the database
};

// The disk of the private database.
struct DiskMetrics {
  prometheus::Gauge* free_bytes = nullptr;  // zero: unknown
  prometheus::Gauge* reached = nullptr;     // 1 while writes are refused for want of space
};

class StoreMetrics {
 public:
  // Registers in `registry`; null: in a private registry that is never scraped.
  explicit StoreMetrics(std::shared_ptr<prometheus::Registry> registry);

  struct OfEntity {
    BatchMetrics batches;
    LogMetrics log;
    RotationMetrics rotation;
    HistoryMetrics history;
    SweeperMetrics sweeper;  // handles are null unless the entity's records expire
  };
  const OfEntity& Of(const dictionary::Entity& entity) const { return entities_.at(entity.id); }

  const PoolMetrics& reads() const { return reads_; }
  const PoolMetrics& feeds() const { return feeds_; }
  const PoolMetrics& live_feeds() const { return live_feeds_; }
  const PoolMetrics& queries() const { return queries_; }
  const PoolMetrics& writes() const { return writes_; }
  // Of the connections to the read database.
  const PoolMetrics& standby_reads() const { return standby_reads_; }
  const PoolMetrics& standby_feeds() const { return standby_feeds_; }
  const PoolMetrics& standby_live_feeds() const { return standby_live_feeds_; }
  const PoolMetrics& standby_queries() const { return standby_queries_; }
  const UpkeepMetrics& upkeep() const { return upkeep_; }
  const DiskMetrics& disk() const { return disk_; }
  const ReplicationMetrics& replication() const { return replication_; }

 private:
  const std::shared_ptr<prometheus::Registry> registry_;  // outlives the handles
  std::map<std::int16_t, OfEntity> entities_;
  PoolMetrics reads_, feeds_, live_feeds_, queries_, writes_;
  PoolMetrics standby_reads_, standby_feeds_, standby_live_feeds_, standby_queries_;
  UpkeepMetrics upkeep_;
  DiskMetrics disk_;
  ReplicationMetrics replication_;
};

}  // namespace journeyfeed::postgres
