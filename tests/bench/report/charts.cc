#include "tests/bench/report/charts.h"

#include <algorithm>
#include <cmath>

#include "tests/bench/measure/statistics.h"
#include "tests/bench/report/svg.h"
#include "tests/bench/report/table.h"

namespace journeyfeed::bench {
namespace {

constexpr double kWidth = 980, kLabels = 430, kValues = 170, kRow = 22, kTop = 50, kBottom = 20;
constexpr const char* kGood = "#3a7d44";
constexpr const char* kBad = "#b5483a";
constexpr const char* kMedian = "#33658a";
constexpr const char* kTail = "#86bbd8";
constexpr const char* kInk = "#222222";
constexpr const char* kGrid = "#dddddd";

// Positions on a logarithmic scale between two values.
class LogScale {
 public:
  LogScale(double least, double most) : least_(std::log(least)), most_(std::log(most)) {}
  double At(double value) const {
    const double share = (std::log(std::max(value, 1e-12)) - least_) / (most_ - least_);
    return kLabels + std::clamp(share, 0.0, 1.0) * (kWidth - kLabels - kValues);
  }

 private:
  double least_, most_;
};

struct BarRow {
  std::string label;
  Bar bar;
  Summary summary;
  std::string unit;
};

std::vector<BarRow> BarRows(const std::vector<Result>& results) {
  std::vector<BarRow> rows;
  for (const Result& result : results) {
    const std::vector<Round> rounds = RoundsOf(result.trials);
    for (const Figure& figure : result.figures) {
      if (figure.bar)
        rows.push_back(
            {result.workload + ": " + figure.name, *figure.bar, Summarize(ValuesOf(figure, rounds)), figure.unit});
    }
  }
  return rows;
}

void DrawGrid(Svg& svg, const LogScale& scale, const std::vector<double>& values, double bottom, const char* unit) {
  for (const double value : values) {
    svg.Line(scale.At(value), kTop - 6, scale.At(value), bottom, kGrid);
    svg.Text(scale.At(value), kTop - 10, PlainNumber(value) + unit, Svg::Anchor::kMiddle, 10);
  }
}

// `asked` of 0 has no parts: any value above it is drawn as the longest bar.
double PartOf(double value, double asked) { return asked == 0 ? (value == 0 ? 1 : 1e6) : value / asked; }

void DrawBar(Svg& svg, const LogScale& scale, const BarRow& row, double y) {
  svg.Text(kLabels - 8, y + 14, row.label, Svg::Anchor::kEnd);
  if (row.summary.values == 0) return svg.Text(kLabels + 6, y + 14, "void");
  const double asked = row.bar.asked, end = scale.At(PartOf(row.summary.median, asked));
  svg.Rectangle(kLabels, y + 4, end - kLabels, kRow - 8, row.bar.Met(row.summary.median) ? kGood : kBad);
  const double low = scale.At(PartOf(row.summary.low, asked)), high = scale.At(PartOf(row.summary.high, asked));
  svg.Line(low, y + kRow / 2, high, y + kRow / 2, kInk, 1.5);
  svg.Line(low, y + 6, low, y + kRow - 6, kInk);
  svg.Line(high, y + 6, high, y + kRow - 6, kInk);
  if (row.bar.moonshot) {
    const double x = scale.At(PartOf(*row.bar.moonshot, asked));
    svg.Line(x, y + 1, x, y + kRow - 1, kInk, 1, /*dashed=*/true);
  }
  const std::string unit = row.unit.empty() ? "" : " " + row.unit;
  svg.Text(kWidth - kValues + 8, y + 14,
           ShortNumber(row.summary.median) + unit + (row.bar.sense == Bar::Sense::kAtMost ? " (<= " : " (>= ") +
               PlainNumber(asked) + ")");
}

struct LatencyRow {
  std::string label;
  Summary p50, p99;
  std::optional<double> asked_p50 = {}, asked_p99 = {};
};

std::vector<double> CountedMetric(const std::vector<Round>& rounds, const std::string& cell, const char* metric) {
  return ValuesOf(
      {.name = {}, .unit = {}, .bar = {}, .of = [&](const Round& round) { return round.at(cell).at(metric); }}, rounds);
}

std::optional<double> AskedOf(const Result& result, const std::string& name) {
  for (const Figure& figure : result.figures) {
    if (figure.name == name && figure.bar) return figure.bar->asked;
  }
  return std::nullopt;
}

std::vector<LatencyRow> LatencyRows(const std::vector<Result>& results) {
  std::vector<LatencyRow> rows;
  for (const Result& result : results) {
    const std::vector<Round> rounds = RoundsOf(result.trials);
    for (const std::string& cell : result.cells) {
      LatencyRow row{.label = result.workload + ": " + cell,
                     .p50 = Summarize(CountedMetric(rounds, cell, "commit_p50_ms")),
                     .p99 = Summarize(CountedMetric(rounds, cell, "commit_p99_ms"))};
      if (row.p50.values == 0) continue;
      if (cell == "journeyfeed") {
        row.asked_p50 = AskedOf(result, "commit to delivery, p50");
        row.asked_p99 = AskedOf(result, "commit to delivery, p99");
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

void DrawLatency(Svg& svg, const LogScale& scale, const LatencyRow& row, double y) {
  const double middle = y + kRow / 2;
  svg.Text(kLabels - 8, y + 14, row.label, Svg::Anchor::kEnd);
  svg.Line(scale.At(row.p50.median), middle, scale.At(row.p99.median), middle, kTail, 4);
  svg.Line(scale.At(row.p99.low), middle, scale.At(row.p99.high), middle, kInk);
  svg.Line(scale.At(row.p50.low), middle, scale.At(row.p50.high), middle, kInk);
  svg.Circle(scale.At(row.p50.median), middle, 5, kMedian);
  svg.Circle(scale.At(row.p99.median), middle, 5, kTail);
  for (const auto& [asked, color] : {std::pair(row.asked_p50, kMedian), std::pair(row.asked_p99, kTail)}) {
    if (asked) svg.Line(scale.At(*asked), y + 2, scale.At(*asked), y + kRow - 2, color, 2);
  }
  svg.Text(kWidth - kValues + 8, y + 14, ShortNumber(row.p50.median) + " / " + ShortNumber(row.p99.median) + " ms");
}

}  // namespace

std::string FiguresChart(const std::vector<Result>& results) {
  const std::vector<BarRow> rows = BarRows(results);
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  const LogScale scale(1.0 / 16, 16);
  Svg svg(kWidth, bottom + kBottom);
  svg.Text(10, 20, "Figures in parts of what is asked (solid line: asked, dashed: moonshot; medians, 95 % interval)",
           Svg::Anchor::kStart, 14);
  DrawGrid(svg, scale, {0.0625, 0.25, 0.5, 2, 4, 16}, bottom, "");
  for (std::size_t i = 0; i < rows.size(); ++i) DrawBar(svg, scale, rows[i], kTop + kRow * static_cast<double>(i));
  svg.Line(scale.At(1), kTop - 6, scale.At(1), bottom, kInk, 2);
  return svg.Document();
}

std::string LatencyChart(const std::vector<Result>& results) {
  const std::vector<LatencyRow> rows = LatencyRows(results);
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  const LogScale scale(0.01, 10000);
  Svg svg(kWidth, bottom + kBottom);
  svg.Text(10, 20, "From commit to delivery: p50 (dark) and p99 (light), with 95 % intervals; upright lines: asked",
           Svg::Anchor::kStart, 14);
  DrawGrid(svg, scale, {0.01, 0.1, 1, 10, 100, 1000, 10000}, bottom, " ms");
  for (std::size_t i = 0; i < rows.size(); ++i) DrawLatency(svg, scale, rows[i], kTop + kRow * static_cast<double>(i));
  return svg.Document();
}

}  // namespace journeyfeed::bench
