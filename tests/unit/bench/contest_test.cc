#include "tests/bench/contest/contest.h"

#include <gmock/gmock.h>

#include <limits>
#include <stdexcept>

#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Cell CellOf(const std::string& name, std::function<Measurement()> run) {
  return {.name = name, .contender = name, .parameters = {}, .run = std::move(run)};
}

Workload WorkloadOf(std::vector<Cell> cells) {
  return {.name = "w", .about = "", .prepare = [cells](const Scale&) { return Bout{.cells = cells, .figures = {}}; }};
}

Figure Sum() {
  return {"sum", "", {}, [](const Round& round) { return round.at("a").at("value") + round.at("b").at("value"); }};
}

TEST(ContestTest, CellsTakeTurnsAndTheOrderIsTurnedRoundEveryRound) {
  std::string order;
  std::vector<Cell> cells;
  for (const char* name : {"a", "b", "c"}) {
    cells.push_back(CellOf(name, [&order, name] {
      order += name;
      return Measurement{};
    }));
  }
  int finished = 0;
  const Result result = Hold(WorkloadOf(cells), {.rounds = 4}, [&](const Trial&) { ++finished; });
  EXPECT_EQ(order, "abccbaabccba");
  EXPECT_EQ(finished, 12);
  EXPECT_THAT(result.cells, ElementsAre("a", "b", "c"));
  EXPECT_EQ(result.trials.back().round, 3);
}

TEST(ContestTest, ACellThatFailsHasAFaultAndTheOthersGoOn) {
  const Result result = Hold(WorkloadOf({CellOf("a", []() -> Measurement { throw std::runtime_error("broken"); }),
                                         CellOf("b",
                                                [] {
                                                  return Measurement{.metrics = {{"value", 1}}, .faults = {}};
                                                })}),
                             {.rounds = 1}, [](const Trial&) {});
  ASSERT_THAT(result.trials, SizeIs(2));
  EXPECT_THAT(result.trials[0].measurement.faults, ElementsAre("broken"));
  EXPECT_TRUE(result.trials[1].measurement.counts());
}

TEST(ContestTest, AFigureOfAContenderThatWasLeftOutIsLeftOutToo) {
  const auto figures_with = [](const std::vector<std::string>& faults) {
    Workload workload{
        .name = "w", .about = "", .prepare = [faults](const Scale&) {
          const Cell cell = CellOf("a", [faults] { return Measurement{.metrics = {{"value", 1}}, .faults = faults}; });
          return Bout{.cells = {cell}, .figures = {Sum()}};
        }};
    return Hold(workload, {.rounds = 1}, [](const Trial&) {}).figures.size();
  };
  EXPECT_EQ(figures_with({}), 0u);
  EXPECT_EQ(figures_with({"lost"}), 1u) << "it is void, which must be seen";
}

TEST(ContestTest, AFigureComparesWithinARound) {
  const auto run = [](const char* cell, int round, double value, std::vector<std::string> faults = {}) {
    return Trial{.workload = "w",
                 .cell = cell,
                 .contender = cell,
                 .parameters = {},
                 .round = round,
                 .measurement = {.metrics = {{"value", value}}, .faults = std::move(faults)}};
  };
  const auto rounds = RoundsOf({run("a", 0, 1), run("b", 0, 2),                // 3
                                run("b", 1, 20), run("a", 1, 10),              // 30
                                run("a", 2, 100), run("b", 2, 200, {"lost"}),  // does not count
                                run("a", 3, 1), run("b", 3, std::numeric_limits<double>::infinity())});
  EXPECT_THAT(ValuesOf(Sum(), rounds), ElementsAre(3, 30));
  EXPECT_THAT(ValuesOf(Sum(), {}), IsEmpty());
}

TEST(ContestTest, MarginalCpuIsThatAboveTheSameWritesWithoutFollowers) {
  const auto cell = [](double server, double database, double delivered) {
    return Metrics{{"server_cores", server}, {"database_cores", database}, {"delivered_per_s", delivered}};
  };
  const Round round{{kJourneyfeed, cell(0.6, 0.8, 200000)}, {WithoutFollowers(kJourneyfeed), cell(0.4, 0.7, 0)}};
  EXPECT_NEAR(MarginalCores(round, kJourneyfeed), 0.3, 1e-9);
  EXPECT_NEAR(MicrosPerDelivery(round, kJourneyfeed), 1.5, 1e-9);
  EXPECT_NEAR(TotalMicrosPerDelivery(round, kJourneyfeed), 7, 1e-9);
}

TEST(FeedWorkloadsTest, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Workload& workload : FeedWorkloads()) EXPECT_TRUE(names.insert(workload.name).second) << workload.name;
  EXPECT_TRUE(names.contains("fan-out-1000-1000x10-50"));
}

}  // namespace
}  // namespace journeyfeed::bench
