// Followers of one partition each. A change is of interest to one of them, and must not cost what all would.
#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {
namespace {

constexpr int kPartitionFollowers = 5000;
constexpr int kQuickPartitionFollowers = 500;

Bout PreparePartitions(const Scale& scale) {
  FeedLoad with{.followers = scale.quick ? kQuickPartitionFollowers : kPartitionFollowers,
                .records_per_second = 100,
                .warm_up = scale.warm_up,
                .window = scale.window};
  with.partitions = with.followers;
  FeedLoad without = with;
  without.followers = 0;
  Bout bout;
  for (const Entrant& entrant : StartEntrants(scale, {kJourneyfeed, kEtcd})) {
    bout.cells.push_back(FeedCell(entrant, without, "without followers"));
    bout.cells.push_back(FeedCell(entrant, with, ""));
  }
  const auto share = [](const char* contender) {
    return [contender](const Round& round) { return MarginalCores(round, contender) * 100; };
  };
  bout.figures = {
      {"CPU above no followers", "% of a core", Bar{Bar::Sense::kAtMost, 5, {}}, share(kJourneyfeed)},
      {"CPU above no followers, etcd", "% of a core", {}, share(kEtcd)},
      MetricFigure("commit to delivery, p99", "ms", kJourneyfeed, "commit_p99_ms"),
  };
  return bout;
}

}  // namespace

std::vector<Workload> PartitionWorkloads() {
  return {{.name = "partitions-5000",
           .about = "5,000 followers of a partition each, 100 records/s, each of interest to one",
           .in_default = true,
           .in_quick = true,
           .open_files = kPartitionFollowers + 300,
           .prepare = PreparePartitions}};
}

}  // namespace journeyfeed::bench
