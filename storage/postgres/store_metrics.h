// What the store tells Prometheus. Everything is made once, at zero; handles are kept by who counts. One struct per
// subject: another subject gets a struct of its own here.
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

// A pool of database sessions with one queue. Handles may be null: nothing is counted then.
struct PoolMetrics {
  prometheus::Gauge* waiting = nullptr;        // calls in the queue
  prometheus::Gauge* busy = nullptr;           // sessions that work for a call
  prometheus::Gauge* sessions = nullptr;       // most that can be busy
  prometheus::Histogram* wait_time = nullptr;  // seconds from arrival to a session; of writes not measured
  prometheus::Counter* connections = nullptr;  // sessions opened, again after a loss too
};

// Batches of one entity's writes.
struct BatchMetrics {
  prometheus::Histogram* rows = nullptr;
  prometheus::Histogram* duration = nullptr;  // seconds, locks and commit included
  // Batches that failed as a whole, by cause.
  prometheus::Counter* lock_timeouts = nullptr;
  prometheus::Counter* statement_timeouts = nullptr;
  prometheus::Counter* disk_full = nullptr;
  prometheus::Counter* connections_lost = nullptr;
  prometheus::Counter* other_errors = nullptr;
};

// The change log of one entity, as last sampled.
struct LogMetrics {
  prometheus::Gauge* head = nullptr;        // newest sequence number
  prometheus::Gauge* floor = nullptr;       // highest removed one: the oldest usable position
  prometheus::Gauge* bytes = nullptr;       // of all partitions with their indexes
  prometheus::Gauge* partitions = nullptr;  // those made ahead included
  prometheus::Gauge* oldest_age = nullptr;  // seconds since the oldest kept change
};

// Removal of expired records of one (elastic) entity.
struct SweeperMetrics {
  prometheus::Counter* removed = nullptr;
  prometheus::Counter* kept = nullptr;        // candidates that were renewed or removed by somebody else meanwhile
  prometheus::Gauge* backlog_age = nullptr;   // seconds since the oldest expiry whose record is still in the table
  prometheus::Histogram* duration = nullptr;  // seconds of a batch
  prometheus::Counter* errors = nullptr;
};

// Rotation of one entity's log.
struct RotationMetrics {
  prometheus::Counter* closed = nullptr;   // partitions closed before they were full
  prometheus::Counter* removed = nullptr;  // partitions dropped
};

// Histories of one entity's log, and what positions of its feed were answered.
struct HistoryMetrics {
  prometheus::Counter* opened = nullptr;   // by this process
  prometheus::Counter* held = nullptr;     // pages and reads that waited because the server was behind their position
  prometheus::Counter* changed = nullptr;  // answers of FEED_HISTORY_CHANGED
};

// Commits between servers, and the database that is read.
struct ReplicationMetrics {
  prometheus::Counter* sent = nullptr;      // notifications
  prometheus::Counter* received = nullptr;  // of other servers
  prometheus::Counter* polled = nullptr;    // commits of others that a poll found before any notification did
  // By what a newer head of a log was first learnt of; whoever reads is then told to look.
  prometheus::Counter* looks_own = nullptr;       // this server's own commit
  prometheus::Counter* looks_notified = nullptr;  // a notification
  prometheus::Counter* looks_polled = nullptr;    // a poll
  prometheus::Gauge* read_lag = nullptr;          // seconds; how old a state the read database is known to show
  prometheus::Gauge* read_usable = nullptr;  // 1: reads go to the read database; 0: to the primary, or there is none
  prometheus::Counter* read_fallbacks = nullptr;  // calls that the primary answered in place of the read database
};

// Everything that the store does from time to time.
struct UpkeepMetrics {
  prometheus::Counter* rounds = nullptr;
  prometheus::Counter* errors = nullptr;
  prometheus::Gauge* last_success = nullptr;        // seconds since 1970; zero: none yet
  prometheus::Counter* outcomes_removed = nullptr;  // partitions of request outcomes
  prometheus::Gauge* lock_waiters = nullptr;        // sessions of the service that wait for a lock, as last sampled
};

// The disk of the private database.
struct DiskMetrics {
  prometheus::Gauge* free_bytes = nullptr;  // zero: not known
  prometheus::Gauge* reached = nullptr;     // 1 while writes are refused for want of space
};

class StoreMetrics {
 public:
  // Registers in `registry`; null: in one of its own that nobody reads.
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
  const PoolMetrics& queries() const { return queries_; }
  const PoolMetrics& writes() const { return writes_; }
  // Of the sessions with the read database.
  const PoolMetrics& standby_reads() const { return standby_reads_; }
  const PoolMetrics& standby_feeds() const { return standby_feeds_; }
  const PoolMetrics& standby_queries() const { return standby_queries_; }
  const UpkeepMetrics& upkeep() const { return upkeep_; }
  const DiskMetrics& disk() const { return disk_; }
  const ReplicationMetrics& replication() const { return replication_; }

 private:
  const std::shared_ptr<prometheus::Registry> registry_;  // outlives the handles
  std::map<std::int16_t, OfEntity> entities_;
  PoolMetrics reads_, feeds_, queries_, writes_;
  PoolMetrics standby_reads_, standby_feeds_, standby_queries_;
  UpkeepMetrics upkeep_;
  DiskMetrics disk_;
  ReplicationMetrics replication_;
};

}  // namespace journeyfeed::postgres
