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
  std::vector<std::vector<std::string>> rows;  // a cell for each column; any text, it is escaped when it is shown
};

// A line of headings and one for each row, columns as wide as what they hold. When a line would be wider than `width`
// columns of the terminal, the widest ones are cut until it is not, but no further than 8; 0: as wide as they are.
// Without a newline at the end.
std::string LayOut(const Table& table, std::size_t width);

}  // namespace journeyfeed::cli
