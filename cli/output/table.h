// Rows and columns of text for people.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace journeyfeed::cli {

struct TableColumn {
  std::string heading;
  bool right = false;  // numbers
  bool whole = false;  // never cut: ids, times
};

struct Table {
  std::vector<TableColumn> columns;
  std::vector<std::vector<std::string>> rows;  // one cell per column; any text, escaped when shown
};

// A line of headings and a line per row; columns are as wide as their contents. If a line would be wider than `width`
// columns of the terminal, the widest columns are cut, but not below 8. `width` 0: no limit. Does not end with a
// newline.
std::string LayOut(const Table& table, std::size_t width);

}  // namespace journeyfeed::cli
