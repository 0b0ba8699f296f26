// Followers of all changes: what a delivery costs beside the writes, and how late it is.
#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {
namespace {

struct FanOut {
  int followers;
  int rate;
  int per_call;
  int per_connection;
};

// The bars of a fan-out; a row without bars only shows its figures.
struct FanOutBars {
  std::optional<Bar> to_etcd, delivered, p50, p99;
};

constexpr auto kAtMost = Bar::Sense::kAtMost;
constexpr auto kAtLeast = Bar::Sense::kAtLeast;

// One follower costs less than the writes vary: only its latency is shown.
bool IsMarginal(const FanOut& row) { return row.followers > 1; }

FanOutBars BarsOf(const FanOut& row) {
  const Bar all{kAtLeast, 0.98, {}};  // of a window: some are on their way; what never arrives makes a trial void
  if (row.followers == 200 && row.rate == 1000 && row.per_connection == 1) {
    if (row.per_call == 1) return {Bar{kAtMost, 0.4, 0.25}, all, Bar{kAtMost, 12, 9}, Bar{kAtMost, 22, 18}};
    return {Bar{kAtMost, 0.5, 0.3}, all, {}, {}};
  }
  if (row.followers == 1 && row.rate == 500) return {{}, all, Bar{kAtMost, 1, {}}, Bar{kAtMost, 5, {}}};
  return {};
}

std::vector<Figure> FiguresOf(const FanOut& row) {
  const FanOutBars bars = BarsOf(row);
  const auto ratio_to = [](const char* other) {
    return [other](const Round& round) {
      return MicrosPerDelivery(round, kJourneyfeed) / MicrosPerDelivery(round, other);
    };
  };
  std::vector<Figure> figures;
  if (IsMarginal(row)) {
    figures.push_back({"CPU per delivery / etcd", "", bars.to_etcd, ratio_to(kEtcd)});
    figures.push_back({"CPU per delivery / etcd, with the writes", "", {}, [](const Round& round) {
                         return TotalMicrosPerDelivery(round, kJourneyfeed) / TotalMicrosPerDelivery(round, kEtcd);
                       }});
    figures.push_back({"CPU per delivery / floor", "", {}, ratio_to(kFloor)});
    for (const char* contender : {kJourneyfeed, kEtcd, kFloor}) {
      figures.push_back({std::string("CPU per delivery, ") + contender, "us", {}, [contender](const Round& round) {
                           return MicrosPerDelivery(round, contender);
                         }});
    }
  }
  figures.push_back(MetricFigure("delivered in the window", "", kJourneyfeed, "delivered_share", bars.delivered));
  figures.push_back(MetricFigure("commit to delivery, p50", "ms", kJourneyfeed, "commit_p50_ms", bars.p50));
  figures.push_back(MetricFigure("commit to delivery, p99", "ms", kJourneyfeed, "commit_p99_ms", bars.p99));
  return figures;
}

Bout PrepareFanOut(const FanOut& row, const Scale& scale) {
  Bout bout{.cells = {}, .figures = FiguresOf(row)};
  FeedLoad with{.followers = row.followers,
                .per_connection = row.per_connection,
                .records_per_second = static_cast<double>(row.rate),
                .per_call = row.per_call,
                .warm_up = scale.warm_up,
                .window = scale.window};
  FeedLoad without = with;
  without.followers = 0;
  for (const Entrant& entrant : StartEntrants(scale, {kJourneyfeed, kEtcd, kFloor})) {
    if (IsMarginal(row)) bout.cells.push_back(FeedCell(entrant, without, "without followers"));
    bout.cells.push_back(FeedCell(entrant, with, ""));
  }
  return bout;
}

Workload Make(const FanOut& row) {
  const auto text = [](int number) { return std::to_string(number); };
  const FanOutBars bars = BarsOf(row);
  return {.name = "fan-out-" + text(row.followers) + "-" + text(row.rate) + "x" + text(row.per_call) + "-" +
                  text(row.per_connection),
          .about = text(row.followers) + " followers, " + text(row.rate) + " records/s in calls of " +
                   text(row.per_call) + ", streams per connection: " + text(row.per_connection),
          .in_default = bars.p99 || bars.to_etcd,
          .in_quick = bars.p99.has_value(),
          .open_files = static_cast<std::size_t>(row.followers / row.per_connection) + 200,
          .prepare = [row](const Scale& scale) { return PrepareFanOut(row, scale); }};
}

}  // namespace

std::vector<Workload> FanOutWorkloads() {
  std::vector<Workload> workloads{Make({1, 500, 1, 1})};
  for (const int per_connection : {1, 50}) {
    for (const int followers : {1, 20, 200, 1000}) {
      if (followers < per_connection) continue;
      for (const int rate : {200, 1000}) {
        for (const int per_call : {1, 10}) workloads.push_back(Make({followers, rate, per_call, per_connection}));
      }
    }
  }
  return workloads;
}

}  // namespace journeyfeed::bench
