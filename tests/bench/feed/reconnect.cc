// Followers that all lose their connection, miss some changes, and come back with their tokens at once.
#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "tests/bench/contenders/journeyfeed.h"
#include "tests/bench/contenders/session_calls.h"
#include "tests/bench/feed/followers.h"
#include "tests/bench/feed/workloads.h"
#include "tests/bench/feed/writer.h"
#include "tests/bench/measure/cpu_window.h"

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;
using Clock = Followers::Clock;

constexpr int kComingBack = 1000;
constexpr int kQuickComingBack = 200;
constexpr std::uint64_t kMissedChanges = 1000;  // changes
constexpr auto kTimeToComeBack = 60s;
constexpr auto kBackground = 1s;

void Ignore(const Mark&, Clock::time_point) {}

class Reconnection {
 public:
  Reconnection(Journeyfeed& service, int followers) : service_(service), followers_(followers) {}

  Measurement Go() {
    // One follower stays: a feed that nobody follows keeps no changes in memory.
    const Followers witness(loop_, service_.address(), Plan(1, {}), Ignore);
    const std::vector<std::string> tokens = FollowAndLeave();
    Write(kMissedChanges);
    const Calls background = BackgroundStatements();

    const Calls before = Statements();
    const auto began = Clock::now();
    const CpuWindow cpu(service_.server(), service_.database());
    const Followers back(loop_, service_.address(), Plan(followers_, tokens), Ignore);
    const bool current = loop_.RunUntil(began + kTimeToComeBack, [&] { return back.delivered() >= Followed(); });
    Measurement result;
    const double seconds = cpu.End(result.metrics);
    result.metrics["seconds"] = seconds;
    result.metrics["statements"] = Excess(Difference(Statements(), before), background, seconds);
    JudgeClient(result);
    if (!current) result.faults.push_back("the followers did not become current");
    for (int i = 0; i < followers_ && result.counts(); ++i) {
      if (!(back.tally(i) == missed_)) result.faults.push_back("a follower did not get exactly what it had missed");
    }
    return result;
  }

 private:
  std::uint64_t Followed() const { return static_cast<std::uint64_t>(followers_) * missed_.count(); }

  FollowerPlan Plan(int followers, const std::vector<std::string>& tokens) const {
    return {.followers = followers, .keeps_last_message = true, .call = [this, tokens](int follower) {
              if (tokens.empty()) return service_.Follow({});
              return session_calls::Resume(tokens[static_cast<std::size_t>(follower)]);
            }};
  }

  std::vector<std::string> FollowAndLeave() {
    const Followers first(loop_, service_.address(), Plan(followers_, {}), Ignore);
    Write(kMissedChanges);
    loop_.RunUntil(Clock::now() + kTimeToComeBack, [&] { return first.delivered() >= Followed(); });
    std::vector<std::string> tokens;
    for (int i = 0; i < followers_; ++i) tokens.push_back(session_calls::TokenOf(first.last_message(i)));
    return tokens;
  }

  // Sets missed_.
  void Write(std::uint64_t records) {
    Writer writer(loop_, service_, {.records_per_second = 1000, .per_call = 10});
    writer.Start();
    loop_.RunUntil(Clock::now() + kTimeToComeBack, [&] { return writer.written() >= records || writer.failed() > 0; });
    writer.Stop();
    loop_.RunUntil(Clock::now() + kTimeToComeBack, [&] { return writer.settled(); });
    if (writer.failed() > 0) throw std::runtime_error(writer.problem());
    missed_ = writer.WrittenTo(0);
  }

  using Calls = std::map<std::string, double>;  // by kind of statement

  // Of this database, ever.
  Calls Statements() const {
    std::istringstream rows(testing::Query(
        service_.database_url(),
        "select string_agg(s.queryid || ' ' || s.calls, ' ') from"
        " (select queryid, sum(calls) as calls from pg_stat_statements where queryid is not null group by 1) s"));
    Calls calls;
    std::string kind;
    for (double count = 0; rows >> kind >> count;) calls[kind] = count;
    return calls;
  }

  static Calls Difference(const Calls& after, Calls before) {
    Calls difference;
    for (const auto& [kind, count] : after) difference[kind] = count - before[kind];
    return difference;
  }

  // In kBackground, without anything to do.
  Calls BackgroundStatements() {
    const Calls before = Statements();
    loop_.RunFor(kBackground);
    return Difference(Statements(), before);
  }

  // Those beyond what each kind has in the background, which comes in periods: one more of a kind means nothing.
  static double Excess(const Calls& calls, Calls background, double seconds) {
    double excess = 0;
    for (const auto& [kind, count] : calls) {
      const double usual = std::ceil(background[kind] * seconds / std::chrono::duration<double>(kBackground).count());
      excess += std::max(0.0, count - usual - 1);
    }
    return excess;
  }

  Journeyfeed& service_;
  const int followers_;
  http2::EventLoop loop_;
  Tally missed_;
};

Bout PrepareReconnection(const Scale& scale) {
  const int followers = scale.quick ? kQuickComingBack : kComingBack;
  const auto service = std::make_shared<Journeyfeed>(
      Journeyfeed::Options{.database_settings = {"shared_preload_libraries=pg_stat_statements"}});
  testing::Query(service->database_url(), "create extension pg_stat_statements");
  Bout bout;
  bout.cells = {{.name = kJourneyfeed,
                 .contender = kJourneyfeed,
                 .parameters = {{"followers", followers}, {"missed", static_cast<double>(kMissedChanges)}},
                 .run = [service, followers] { return Reconnection(*service, followers).Go(); }}};
  bout.figures = {
      MetricFigure("until all are current", "s", kJourneyfeed, "seconds", Bar{Bar::Sense::kAtMost, 1, {}}),
      MetricFigure("statements beside the background", "", kJourneyfeed, "statements", Bar{Bar::Sense::kAtMost, 0, {}}),
  };
  return bout;
}

}  // namespace

std::vector<Workload> ReconnectWorkloads() {
  return {{.name = "reconnect-1000",
           .about = "1,000 followers come back with tokens after 1,000 changes",
           .in_default = true,
           .in_quick = true,
           .open_files = kComingBack + 300,
           .prepare = PrepareReconnection}};
}

}  // namespace journeyfeed::bench
