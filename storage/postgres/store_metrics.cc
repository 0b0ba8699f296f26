#include "storage/postgres/store_metrics.h"

#include <functional>
#include <utility>
#include <vector>

namespace journeyfeed::postgres {
namespace {

using Boundaries = prometheus::Histogram::BucketBoundaries;
using prometheus::Labels;

const Boundaries kDurations = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                               0.1,     0.25,   0.5,   1,      2.5,   5,    10,    30};
const Boundaries kRows = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

template <typename Builder>
auto& Register(Builder builder, prometheus::Registry& registry, const std::string& name, const std::string& help) {
  return builder.Name("journeyfeed_" + name).Help(help).Register(registry);
}

// Registering an existing family returns that family, so each series names its family where it is made.
class Families {
 public:
  explicit Families(prometheus::Registry& registry) : registry_(registry) {}

  prometheus::Counter* Counter(const std::string& name, const std::string& help, const Labels& labels) {
    return &Register(prometheus::BuildCounter(), registry_, name, help).Add(labels);
  }
  prometheus::Gauge* Gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return &Register(prometheus::BuildGauge(), registry_, name, help).Add(labels);
  }
  prometheus::Histogram* Histogram(const std::string& name, const std::string& help, const Labels& labels,
                                   const Boundaries& boundaries) {
    return &Register(prometheus::BuildHistogram(), registry_, name, help).Add(labels, boundaries);
  }

 private:
  prometheus::Registry& registry_;
};

PoolMetrics MakePool(Families& families, const std::string& name) {
  const Labels labels = {{"pool", name}};
  PoolMetrics pool;
  pool.waiting = families.Gauge("pool_waiting", "Calls that wait for a database session.", labels);
  pool.busy = families.Gauge("pool_busy", "Database sessions that work for a call.", labels);
  pool.sessions = families.Gauge("pool_sessions", "Most database sessions that can work at a time.", labels);
  pool.connections = families.Counter("pool_connections_total", "Database sessions opened, after a loss too.", labels);
  return pool;
}

PoolMetrics MakeReadingPool(Families& families, const std::string& name) {
  PoolMetrics pool = MakePool(families, name);
  pool.wait_time = families.Histogram("pool_wait_seconds", "Time that a call waited for a database session.",
                                      {{"pool", name}}, kDurations);
  return pool;
}

BatchMetrics MakeBatches(Families& families, const Labels& labels) {
  const auto failed = [&](const char* cause) {
    Labels with_cause = labels;
    with_cause["cause"] = cause;
    return families.Counter("write_batches_failed_total", "Batches of writes that failed as a whole.", with_cause);
  };
  return {
      .rows = families.Histogram("write_batch_rows", "Rows of a batch of writes.", labels, kRows),
      .duration = families.Histogram("write_batch_duration_seconds",
                                     "Time of a batch of writes in the database, locks and commit included.", labels,
                                     kDurations),
      .lock_timeouts = failed("lock_timeout"),
      .statement_timeouts = failed("statement_timeout"),
      .disk_full = failed("disk_full"),
      .connections_lost = failed("connection_lost"),
      .other_errors = failed("other"),
  };
}

LogMetrics MakeLog(Families& families, const Labels& labels) {
  return {
      .head = families.Gauge("log_head", "Newest sequence number of the change log.", labels),
      .floor = families.Gauge("log_floor", "Highest removed sequence number: the oldest usable position.", labels),
      .bytes = families.Gauge("log_size_bytes", "Size of the change log with its indexes.", labels),
      .partitions =
          families.Gauge("log_partitions", "Partitions of the change log, those made ahead included.", labels),
      .oldest_age = families.Gauge("log_oldest_age_seconds", "Age of the oldest change that is kept.", labels),
  };
}

SweeperMetrics MakeSweeper(Families& families, const Labels& labels) {
  return {
      .removed = families.Counter("sweeper_removed_total", "Expired records that were removed.", labels),
      .kept = families.Counter("sweeper_kept_total",
                               "Expired records that somebody renewed or removed before the sweeper.", labels),
      .backlog_age = families.Gauge("sweeper_backlog_age_seconds",
                                    "Time since the oldest expiry whose record is still in the table.", labels),
      .duration =
          families.Histogram("sweeper_batch_duration_seconds", "Time of a batch of removals.", labels, kDurations),
      .errors = families.Counter("sweeper_errors_total", "Batches of removals that failed.", labels),
  };
}

HistoryMetrics MakeHistory(Families& families, const Labels& labels) {
  return {
      .opened = families.Counter(
          "histories_opened_total",
          "New histories of the change log that this server opened, after a failover or restore.", labels),
      .held = families.Counter("feed_held_total",
                               "Pages and reads that waited because the database was behind their token.", labels),
      .changed = families.Counter("feed_history_changed_total", "Tokens that were told of a lost history.", labels),
  };
}

ReplicationMetrics MakeReplication(Families& families) {
  const auto looks = [&](const char* cause) {
    return families.Counter("commit_looks_total",
                            "Newer commits that readers were told to look for, by what told first.",
                            {{"cause", cause}});
  };
  return {
      .sent = families.Counter("commit_notifications_sent_total", "Notifications of commits to other servers.", {}),
      .received =
          families.Counter("commit_notifications_received_total", "Notifications of commits by other servers.", {}),
      .unverified = families.Counter("commit_notifications_unverified_total",
                                     "Notifications without a good code, which were not believed.", {}),
      .polled = families.Counter("commits_polled_total",
                                 "Commits of other servers that were found by looking, before a notification.", {}),
      .heads_own = looks("own"),
      .heads_notified = looks("notification"),
      .heads_polled = looks("poll"),
      .read_lag = families.Gauge("read_database_lag_seconds",
                                 "Age of the newest state of the primary that the read database is known to show.", {}),
      .read_usable =
          families.Gauge("read_database_usable", "1 while reads go to the read database, 0 while to the primary.", {}),
      .read_fallbacks = families.Counter("read_database_fallbacks_total",
                                         "Calls that the primary answered in place of the read database.", {}),
  };
}

}  // namespace

StoreMetrics::StoreMetrics(std::shared_ptr<prometheus::Registry> registry)
    : registry_(registry ? std::move(registry) : std::make_shared<prometheus::Registry>()) {
  Families families(*registry_);
  reads_ = MakeReadingPool(families, "read");
  feeds_ = MakeReadingPool(families, "feed");
  live_feeds_ = MakeReadingPool(families, "live_feed");
  queries_ = MakeReadingPool(families, "query");
  writes_ = MakePool(families, "write");
  standby_reads_ = MakeReadingPool(families, "standby_read");
  standby_feeds_ = MakeReadingPool(families, "standby_feed");
  standby_live_feeds_ = MakeReadingPool(families, "standby_live_feed");
  standby_queries_ = MakeReadingPool(families, "standby_query");
  replication_ = MakeReplication(families);
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const Labels labels = {{"entity", entity->table}};
    OfEntity& metrics = entities_[entity->id];
    metrics.batches = MakeBatches(families, labels);
    metrics.log = MakeLog(families, labels);
    metrics.rotation = {
        .closed = families.Counter("log_partitions_closed_total", "Partitions closed before they were full.", labels),
        .removed = families.Counter("log_partitions_removed_total", "Partitions removed with their changes.", labels)};
    metrics.history = MakeHistory(families, labels);
    if (entity->elastic) metrics.sweeper = MakeSweeper(families, labels);
  }
  disk_ = {
      .free_bytes =
          families.Gauge("disk_free_bytes", "Free space of the private database's disk; zero: not known.", {}),
      .reached = families.Gauge("disk_reserve_reached", "1 while writes are refused to keep the last space free.", {})};
  upkeep_ = {
      .rounds =
          families.Counter("upkeep_rounds_total", "Rounds of upkeep (partitions, retention) that were begun.", {}),
      .errors = families.Counter("upkeep_errors_total", "Rounds of upkeep that failed.", {}),
      .last_success = families.Gauge("upkeep_last_success_timestamp_seconds",
                                     "When a round of upkeep last ended well; zero: never.", {}),
      .outcomes_removed =
          families.Counter("outcome_partitions_removed_total", "Days of request outcomes that were removed.", {}),
      .lock_waiters =
          families.Gauge("lock_waiters", "Sessions of the service, on all replicas, that wait for a lock.", {}),
      .foreign_lock =
          families.Gauge("foreign_lock_seconds",
                         "For how long sessions of others have held what the service waits for; zero: none.", {}),
      .open_to_others = families.Gauge("database_open_to_others",
                                       "1 when every role of the database server may connect to the database.", {}),
  };
}

}  // namespace journeyfeed::postgres
