// Followers of one server and writes to another, over the same database: what comes is told by the database.
#include "tests/bench/contenders/journeyfeed.h"
#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {
namespace {

Bout PrepareReplica(const Scale& scale) {
  const Entrant service = std::make_shared<Journeyfeed>(Journeyfeed::Options{.replica = true});
  const FeedLoad load{.followers = 20, .records_per_second = 200, .warm_up = scale.warm_up, .window = scale.window};
  Bout bout;
  bout.cells.push_back(FeedCell(service, load, ""));
  bout.figures = {
      MetricFigure("commit to delivery, p50", "ms", kJourneyfeed, "commit_p50_ms"),
      MetricFigure("commit to delivery, p99", "ms", kJourneyfeed, "commit_p99_ms", Bar{Bar::Sense::kAtMost, 25, {}}),
  };
  return bout;
}

}  // namespace

std::vector<Workload> ReplicaWorkloads() {
  return {{.name = "replica",
           .about = "20 followers of another server than the one that is written to, 200 records/s one by one",
           .in_default = true,
           .in_quick = true,
           .open_files = 300,
           .prepare = PrepareReplica}};
}

}  // namespace journeyfeed::bench
