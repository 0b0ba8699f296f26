#include "cli/output/table.h"

#include <algorithm>
#include <numeric>

#include "cli/output/display_text.h"

namespace journeyfeed::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeast = 8;

using Cells = std::vector<std::string>;

std::vector<Cells> EscapedLines(const Table& table) {
  std::vector<Cells> lines;
  lines.reserve(table.rows.size() + 1);
  Cells& headings = lines.emplace_back();
  for (const TableColumn& column : table.columns) headings.push_back(Escaped(column.heading));
  for (const Cells& row : table.rows) {
    Cells& line = lines.emplace_back();
    for (const std::string& cell : row) line.push_back(Escaped(cell));
  }
  return lines;
}

std::vector<std::size_t> Widths(const std::vector<Cells>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const Cells& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(line[i]));
  }
  return widths;
}

// Narrows the widest column that may be cut until the line fits or no column can be narrowed.
void Fit(const std::vector<TableColumn>& columns, std::size_t width, std::vector<std::size_t>& widths) {
  std::size_t total = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  while (total > width) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool gives = !columns[i].whole && widths[i] > kLeast;
      if (gives && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == widths.size()) return;
    const std::size_t taken = std::min(total - width, std::max<std::size_t>(1, (widths[widest] - kLeast) / 8));
    widths[widest] -= taken;
    total -= taken;
  }
}

std::string Line(const std::vector<TableColumn>& columns, const Cells& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line.append(kGap, ' ');
    line += Pad(Cut(cells[i], std::max<std::size_t>(1, widths[i])), widths[i], columns[i].right);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string LayOut(const Table& table, std::size_t width) {
  if (table.columns.empty()) return {};
  const std::vector<Cells> lines = EscapedLines(table);
  std::vector<std::size_t> widths = Widths(lines);
  if (width > 0) Fit(table.columns, width, widths);
  std::string text;
  for (const Cells& line : lines) text += Line(table.columns, line, widths) + "\n";
  text.pop_back();
  return text;
}

}  // namespace journeyfeed::cli
