#include "tests/bench/report/charts.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/bench/report/svg.h"
#include "tests/unit/bench/xml.h"

namespace journeyfeed::bench {
namespace {

using journeyfeed::testing::XmlProblem;
using ::testing::HasSubstr;
using ::testing::Not;

Result ResultOf(const std::string& name, double p50, double p99, const std::vector<std::string>& faults = {}) {
  Result result{.workload = name, .cells = {"journeyfeed"}, .figures = {}, .trials = {}};
  result.figures.push_back({"commit to delivery, p50", "ms", Bar{Bar::Sense::kAtMost, 12, 9},
                            [](const Round& round) { return round.at("journeyfeed").at("commit_p50_ms"); }});
  result.figures.push_back({"none asked", "", {}, [](const Round&) { return 1.0; }});
  for (int round = 0; round < 3; ++round) {
    result.trials.push_back(
        {.workload = name,
         .cell = "journeyfeed",
         .contender = "journeyfeed",
         .parameters = {},
         .round = round,
         .measurement = {.metrics = {{"commit_p50_ms", p50 + round}, {"commit_p99_ms", p99 + round}},
                         .faults = faults}});
  }
  return result;
}

TEST(XmlTest, SaysWhatIsWrong) {
  EXPECT_EQ(XmlProblem("<a b=\"1\"><c/>text &amp; more</a>"), "");
  EXPECT_NE(XmlProblem("<a><b></a></b>"), "");
  EXPECT_NE(XmlProblem("<a>"), "");
  EXPECT_NE(XmlProblem("<a b=1/>"), "");
  EXPECT_NE(XmlProblem("<a b=\"<\"/>"), "");
  EXPECT_NE(XmlProblem("<a>1 & 2</a>"), "");
}

TEST(SvgTest, IsWellFormedWhateverItIsGiven) {
  Svg svg(100, 50);
  svg.Text(1, 2, "<a href=\"x\">&amp;\n\x01</a>", Svg::Anchor::kEnd);
  svg.Rectangle(1, 2, std::numeric_limits<double>::quiet_NaN(), 4, "\"/><script/>");
  svg.Line(0, 0, 1, 1, "black", 2, /*dashed=*/true);
  svg.Circle(1, std::numeric_limits<double>::infinity(), 3, "#fff");
  const std::string document = svg.Document();
  EXPECT_EQ(XmlProblem(document), "") << document;
  EXPECT_THAT(document, Not(HasSubstr("nan")));
  EXPECT_THAT(document, Not(HasSubstr("inf")));
  EXPECT_THAT(document, Not(HasSubstr("<script")));
}

TEST(ChartsTest, ShowEveryFigureOfWhichSomethingIsAsked) {
  const std::string chart = FiguresChart({ResultOf("one & two", 6, 18), ResultOf("three", 30, 90)});
  EXPECT_EQ(XmlProblem(chart), "") << chart;
  EXPECT_THAT(chart, HasSubstr("one &amp; two: commit to delivery, p50"));
  EXPECT_THAT(chart, HasSubstr("7.00 ms (&lt;= 12)"));
  EXPECT_THAT(chart, HasSubstr("31.0 ms (&lt;= 12)"));
  EXPECT_THAT(chart, Not(HasSubstr("none asked")));
}

TEST(ChartsTest, ABarThatIsNotMetLooksDifferent) {
  const auto color = [](double p50) {
    const std::string chart = FiguresChart({ResultOf("w", p50, 100)});
    return chart.substr(chart.find("fill=\"#"), 14);
  };
  EXPECT_EQ(color(5), color(8));
  EXPECT_NE(color(5), color(20));
}

TEST(ChartsTest, AWorkloadWithoutRunsThatCountIsVoid) {
  const std::string chart = FiguresChart({ResultOf("w", 6, 18, {"lost"})});
  EXPECT_EQ(XmlProblem(chart), "") << chart;
  EXPECT_THAT(chart, HasSubstr(">void<"));
  EXPECT_THAT(LatencyChart({ResultOf("w", 6, 18, {"lost"})}), Not(HasSubstr("w: journeyfeed")));
}

TEST(ChartsTest, ShowBothLatenciesAndWhatIsAsked) {
  const std::string chart = LatencyChart({ResultOf("w", 6, 18)});
  EXPECT_EQ(XmlProblem(chart), "") << chart;
  EXPECT_THAT(chart, HasSubstr("7.00 / 19.0 ms"));
}

TEST(ChartsTest, OfNothingAreEmptyDrawings) {
  EXPECT_EQ(XmlProblem(FiguresChart({})), "");
  EXPECT_EQ(XmlProblem(LatencyChart({})), "");
}

}  // namespace
}  // namespace journeyfeed::bench
