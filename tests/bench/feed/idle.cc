// Followers to whom nothing happens: the memory of each, beside that of a stream of an empty gRPC service, and the CPU
// of all. The server is a new one for every trial, since memory that was used once is not given back.
#include <cmath>

#include "tests/bench/feed/followers.h"
#include "tests/bench/feed/workloads.h"
#include "tests/bench/measure/cpu_window.h"

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;

struct Idle {
  int followers;
  int per_connection;
};

struct Times {
  std::chrono::milliseconds start;   // a server that has just started does more than one that is idle
  std::chrono::milliseconds before;  // without followers, measured
  std::chrono::milliseconds settle;  // until they have had messages besides the first: progress comes every 10 s
  std::chrono::milliseconds window;  // measured
};

Times TimesOf(const Scale& scale) { return scale.quick ? Times{500ms, 300ms, 200ms, 700ms} : Times{3s, 5s, 11s, 20s}; }

double CoresWithoutFollowers(const Contender& contender, http2::EventLoop& loop, std::chrono::milliseconds time) {
  Metrics metrics;
  const CpuWindow cpu(contender.server(), contender.database());
  loop.RunFor(time);
  cpu.End(metrics);
  return Cpu(metrics);
}

Measurement RunIdle(Contender& contender, const Idle& idle, const Times& times) {
  contender.RestartServer();
  http2::EventLoop loop;
  loop.RunFor(times.start);
  const double before = CoresWithoutFollowers(contender, loop, times.before);
  const double resident = ResidentKilobytes(contender.server());
  const Followers followers(loop, contender.address(),
                            {.followers = idle.followers,
                             .per_connection = idle.per_connection,
                             .call = [&](int) { return contender.Follow({}); }},
                            [](const Mark&, Followers::Clock::time_point) {});
  loop.RunFor(times.settle);
  const std::uint64_t messages = followers.messages();
  const CpuWindow cpu(contender.server(), contender.database());
  loop.RunFor(times.window);
  Measurement result;
  const double seconds = cpu.End(result.metrics);
  result.metrics["messages_per_s"] = static_cast<double>(followers.messages() - messages) / seconds;
  result.metrics["idle_cores"] = Cpu(result.metrics) - before;
  result.metrics["kb_per_follower"] = (ResidentKilobytes(contender.server()) - resident) / idle.followers;
  result.metrics["server_rss_mb"] = ResidentKilobytes(contender.server()) * 1024 / 1e6;
  if (followers.ended() > 0) result.faults.push_back(followers.problem());
  return result;
}

Bout PrepareIdle(Idle idle, const Scale& scale) {
  if (scale.quick) idle.followers /= 10;
  const Times times = TimesOf(scale);
  Bout bout;
  for (const Entrant& entrant : StartEntrants(scale, {kJourneyfeed, kFloor, kEtcd})) {
    const std::chrono::duration<double> window = times.window;
    bout.cells.push_back({.name = entrant->name(),
                          .contender = entrant->name(),
                          .parameters = {{"followers", idle.followers},
                                         {"per_connection", idle.per_connection},
                                         {"window_s", window.count()}},
                          .run = [entrant, idle, times] { return RunIdle(*entrant, idle, times); }});
  }
  const auto cores_of = [](const char* contender) {
    return [contender](const Round& round) { return round.at(contender).at("idle_cores") * 100; };
  };
  const auto above = [](const Round& round) {
    return round.at(kJourneyfeed).at("kb_per_follower") - round.at(kFloor).at("kb_per_follower");
  };
  const Bar kilobytes{Bar::Sense::kAtMost, idle.per_connection == 1 ? 4.0 : 1.0, 0};
  bout.figures = {{"CPU above no followers", "% of a core", Bar{Bar::Sense::kAtMost, 4, 3}, cores_of(kJourneyfeed)},
                  {"CPU above no followers, empty streams", "% of a core", {}, cores_of(kFloor)},
                  {"RSS of each above an empty stream", "kB", kilobytes, above},
                  MetricFigure("RSS of each", "kB", kJourneyfeed, "kb_per_follower"),
                  MetricFigure("RSS of each, empty stream", "kB", kFloor, "kb_per_follower"),
                  MetricFigure("RSS of each, etcd", "kB", kEtcd, "kb_per_follower")};
  return bout;
}

Workload Make(const Idle& idle) {
  const std::string followers = std::to_string(idle.followers), each = std::to_string(idle.per_connection);
  return {.name = "idle-" + followers + "-" + each,
          .about = followers + " followers without changes, streams per connection: " + each,
          .in_default = idle.followers == 10000,
          .in_quick = idle.per_connection > 1,
          .open_files = static_cast<std::size_t>(idle.followers / idle.per_connection) + 300,
          .prepare = [idle](const Scale& scale) { return PrepareIdle(idle, scale); }};
}

}  // namespace

std::vector<Workload> IdleWorkloads() {
  std::vector<Workload> workloads;
  for (const int followers : {1000, 5000, 10000}) {
    for (const int per_connection : {1, 100}) workloads.push_back(Make({followers, per_connection}));
  }
  return workloads;
}

}  // namespace journeyfeed::bench
