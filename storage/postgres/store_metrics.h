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

// Everything that the store does from time to time.
struct UpkeepMetrics {
  prometheus::Counter* rounds = nullptr;
  prometheus::Counter* errors = nullptr;
  prometheus::Gauge* last_success = nullptr;        // seconds since 1970; zero: none yet
  prometheus::Counter* outcomes_removed = nullptr;  // partitions of request outcomes
  prometheus::Gauge* lock_waiters = nullptr;        // sessions of the service that wait for a lock, as last sampled
};

class StoreMetrics {
 public:
  // Registers in `registry`; null: in one of its own that nobody reads.
  explicit StoreMetrics(std::shared_ptr<prometheus::Registry> registry);

  struct OfEntity {
    BatchMetrics batches;
    LogMetrics log;
    RotationMetrics rotation;
    SweeperMetrics sweeper;  // handles are null unless the entity's records expire
  };
  const OfEntity& Of(const dictionary::Entity& entity) const { return entities_.at(entity.id); }

  const PoolMetrics& reads() const { return reads_; }
  const PoolMetrics& feeds() const { return feeds_; }
  const PoolMetrics& queries() const { return queries_; }
  const PoolMetrics& writes() const { return writes_; }
  const UpkeepMetrics& upkeep() const { return upkeep_; }

 private:
  const std::shared_ptr<prometheus::Registry> registry_;  // outlives the handles
  std::map<std::int16_t, OfEntity> entities_;
  PoolMetrics reads_, feeds_, queries_, writes_;
  UpkeepMetrics upkeep_;
};

}  // namespace journeyfeed::postgres
