// The settings of the store on PostgreSQL.
#pragma once

#include <prometheus/registry.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/coalescer/write_coalescer.h"
#include "storage/postgres/schema/migrator.h"

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

}  // namespace journeyfeed::postgres
