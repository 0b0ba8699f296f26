// Followers that do not read: what they cost the others, and the memory that they hold.
#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {
namespace {

constexpr std::size_t kMegabyte = 1000000;

// 1,000 records/s fill the buffers of a stalled connection soon.
Bout PrepareOne(const Scale& scale) {
  const FeedLoad healthy{
      .followers = 100, .records_per_second = 1000, .per_call = 10, .warm_up = scale.warm_up, .window = scale.window};
  FeedLoad with = healthy;
  with.stalled = 1;
  Bout bout;
  const std::string stalled = std::string(kJourneyfeed) + " with 1 stalled";
  for (const Entrant& entrant : StartEntrants(scale, {kJourneyfeed}))
    bout.cells = {FeedCell(entrant, healthy, ""), FeedCell(entrant, with, "with 1 stalled")};
  bout.figures = {{"p99 of the others / without the stalled one", "", Bar{Bar::Sense::kAtMost, 1.1, {}},
                   [stalled](const Round& round) {
                     return round.at(stalled).at("commit_p99_ms") / round.at(kJourneyfeed).at("commit_p99_ms");
                   }},
                  MetricFigure("commit to delivery, p99", "ms", stalled, "commit_p99_ms")};
  return bout;
}

// A new server for each run: its memory is measured. The time is long enough for more than the ring holds.
Bout PrepareTwenty(const Scale& scale) {
  const FeedLoad load{.followers = 2,
                      .stalled = 20,
                      .records_per_second = 10,
                      .text_bytes = kMegabyte,
                      .in_flight = 4,
                      .warm_up = scale.warm_up,
                      .window = scale.quick ? std::chrono::milliseconds(3000) : 2 * scale.window};
  Bout bout;
  for (const Entrant& entrant : StartEntrants(scale, {kJourneyfeed})) {
    Cell cell = FeedCell(entrant, load, "");
    cell.run = [entrant, load] {
      entrant->RestartServer();
      return RunFeedLoad(*entrant, load);
    };
    bout.cells.push_back(std::move(cell));
  }
  constexpr double kRing = 64 * 1.048576, kOfEach = 3 * 1.048576, kServer = 40;
  bout.figures = {MetricFigure("peak RSS", "MB", kJourneyfeed, "server_peak_mb",
                               Bar{Bar::Sense::kAtMost, kRing + 20 * kOfEach + kServer, {}}),
                  MetricFigure("commit to delivery of the others, p99", "ms", kJourneyfeed, "commit_p99_ms")};
  return bout;
}

}  // namespace

std::vector<Workload> StalledWorkloads() {
  return {{.name = "stalled-1",
           .about = "100 followers and one that reads nothing, 1,000 records/s in calls of 10",
           .in_default = true,
           .in_quick = true,
           .open_files = 400,
           .prepare = PrepareOne},
          {.name = "stalled-20",
           .about = "20 followers that read nothing and two others, records of 1 MB",
           .in_default = true,
           .open_files = 300,
           .prepare = PrepareTwenty}};
}

}  // namespace journeyfeed::bench
