#include "tests/bench/report/table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "tests/bench/measure/statistics.h"

namespace journeyfeed::bench {
namespace {

// The contenders that wait for their turn, and the kernel, take a few hundredths.
constexpr double kQuietCores = 0.1;

using Rows = std::vector<std::vector<std::string>>;

// The columns of cells, with the factor from the metric. A column that no cell has is left out.
struct Column {
  const char* head;
  const char* metric;
  double factor = 1;
};
constexpr Column kColumns[] = {
    {"server %", "server_cores", 100},  {"database %", "database_cores", 100},
    {"client %", "client_cores", 100},  {"other %", "other_cores", 100},
    {"stolen %", "stolen_cores", 100},  {"written/s", "written_per_s"},
    {"delivered/s", "delivered_per_s"}, {"messages/s", "messages_per_s"},
    {"MB/s", "received_mb_per_s"},      {"lost", "lost"},
    {"p50 ms", "commit_p50_ms"},        {"p99 ms", "commit_p99_ms"},
    {"send p50 ms", "send_p50_ms"},     {"send p99 ms", "send_p99_ms"},
    {"answer p50 ms", "answer_p50_ms"}, {"answer p99 ms", "answer_p99_ms"},
    {"rows/s", "rows_per_s"},           {"seconds", "seconds"},
    {"statements", "statements"},       {"kB each", "kb_per_follower"},
    {"RSS MB", "server_rss_mb"},        {"peak MB", "server_peak_mb"},
};

std::string BarText(const Bar& bar, double value) {
  return (bar.sense == Bar::Sense::kAtMost ? "<= " : ">= ") + PlainNumber(value);
}

std::vector<std::string> FigureRow(const Figure& figure, const std::vector<Round>& rounds) {
  const Summary summary = Summarize(ValuesOf(figure, rounds));
  std::vector<std::string> row{figure.name + (figure.unit.empty() ? "" : ", " + figure.unit)};
  if (summary.values == 0) {
    row.insert(row.end(), {"void", ""});
  } else {
    row.insert(row.end(), {ShortNumber(summary.median), ShortNumber(summary.low) + " to " + ShortNumber(summary.high)});
  }
  row.push_back(std::to_string(summary.values));
  const std::optional<Bar>& bar = figure.bar;
  row.push_back(bar ? BarText(*bar, bar->asked) : "");
  row.push_back(bar && bar->moonshot ? BarText(*bar, *bar->moonshot) : "");
  row.push_back(!bar ? "" : summary.values > 0 && bar->Met(summary.median) ? "met" : "**not met**");
  return row;
}

std::vector<double> MetricOf(const Result& result, const std::string& cell, const char* metric) {
  std::vector<double> values;
  for (const Trial& trial : result.trials) {
    const auto found = trial.measurement.metrics.find(metric);
    if (trial.cell == cell && found != trial.measurement.metrics.end()) values.push_back(found->second);
  }
  return values;
}

Rows CellRows(const Result& result) {
  Rows rows{{"cell"}};
  for (const std::string& cell : result.cells) rows.push_back({cell});
  for (const Column& column : kColumns) {
    std::vector<std::string> texts;
    for (const std::string& cell : result.cells) {
      const std::vector<double> values = MetricOf(result, cell, column.metric);
      texts.push_back(values.empty() ? "" : ShortNumber(Median(values) * column.factor));
    }
    if (std::ranges::all_of(texts, &std::string::empty)) continue;
    rows.front().push_back(column.head);
    for (std::size_t i = 0; i < texts.size(); ++i) rows[i + 1].push_back(texts[i]);
  }
  return rows;
}

std::string Faults(const Result& result) {
  std::map<std::string, int> counts;
  for (const Trial& trial : result.trials) {
    for (const std::string& fault : trial.measurement.faults) ++counts[trial.cell + ": " + fault];
  }
  std::string text;
  for (const auto& [fault, count] : counts) text += "- VOID " + std::to_string(count) + " x " + fault + "\n";
  return text;
}

std::string ListOf(const Metrics& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) text += " " + name + " " + PlainNumber(value);
  return text + "\n";
}

// What the cells were given: first what all were, then what only some were.
std::string Parameters(const Result& result) {
  if (result.trials.empty()) return "";
  Metrics common = result.trials.front().parameters;
  for (const Trial& trial : result.trials) {
    std::erase_if(common, [&trial](const auto& one) {
      const auto found = trial.parameters.find(one.first);
      return found == trial.parameters.end() || found->second != one.second;
    });
  }
  std::string text = "- all:" + ListOf(common);
  for (const std::string& cell : result.cells) {
    const auto trial = std::ranges::find(result.trials, cell, &Trial::cell);
    if (trial == result.trials.end()) continue;
    Metrics own = trial->parameters;
    std::erase_if(own, [&common](const auto& one) { return common.contains(one.first); });
    if (!own.empty()) text += "- " + cell + ":" + ListOf(own);
  }
  return text;
}

// What ran beside a measurement makes it doubtful.
std::string Noise(const Result& result) {
  double most = 0;
  for (const Trial& trial : result.trials) {
    const auto& metrics = trial.measurement.metrics;
    if (metrics.contains("other_cores")) most = std::max(most, metrics.at("other_cores") + metrics.at("stolen_cores"));
  }
  if (most <= kQuietCores) return "";
  return "- NOT QUIET: other processes, or the host, took up to " + ShortNumber(most * 100) + " % of a core\n";
}

std::size_t Width(const std::string& text) {  // in characters of UTF-8
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string RowText(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
  std::string text = "|";
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::string cell = i < row.size() ? row[i] : "";
    const std::string space(widths[i] - Width(cell), ' ');
    text += " " + (i == 0 ? cell + space : space + cell) + " |";
  }
  return text + "\n";
}

}  // namespace

std::string ShortNumber(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  const int decimals = size == 0 ? 0 : std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, 4);
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string PlainNumber(double value) {
  std::string text = ShortNumber(value);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

std::string MarkdownTable(const Rows& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 3);
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += RowText(rows[i], widths);
    if (i > 0) continue;
    text += "|";
    for (std::size_t c = 0; c < widths.size(); ++c)
      text += c == 0 ? std::string(widths[c] + 2, '-') + "|" : std::string(widths[c] + 1, '-') + ":|";
    text += "\n";
  }
  return text;
}

std::string Describe(const Result& result) {
  const std::vector<Round> rounds = RoundsOf(result.trials);
  Rows figures{{"figure", "median", "95 % interval", "rounds", "asked", "moonshot", ""}};
  for (const Figure& figure : result.figures) figures.push_back(FigureRow(figure, rounds));
  return "## " + result.workload + "\n\n" + MarkdownTable(figures) + "\n" + MarkdownTable(CellRows(result)) + "\n" +
         Parameters(result) + Faults(result) + Noise(result) + "\n";
}

}  // namespace journeyfeed::bench
