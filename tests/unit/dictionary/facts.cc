#include "tests/unit/dictionary/facts.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/files.h"

namespace journeyfeed::dictionary {
namespace {

std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == '\t') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

}  // namespace

std::vector<std::vector<std::string>> ReadFacts(std::string_view name) {
  std::istringstream in(testing::ReadFile(std::string(JOURNEYFEED_DICTIONARY_TEST_DIR "/facts/") + std::string(name)));
  std::string line;
  std::getline(in, line);
  const std::size_t width = Split(line).size();
  std::vector<std::vector<std::string>> rows;
  while (std::getline(in, line)) {
    rows.push_back(Split(line));
    rows.back().resize(width);
  }
  EXPECT_FALSE(rows.empty()) << name;
  return rows;
}

std::map<std::string, std::map<std::string, std::string>> ReadCells(std::string_view name) {
  std::map<std::string, std::map<std::string, std::string>> cells;
  for (const auto& row : ReadFacts(name)) cells[row[0]][row[1]] = row[2];
  return cells;
}

std::string ReadData(std::string_view name) {
  const std::string content =
      testing::ReadFile(std::string(JOURNEYFEED_DICTIONARY_TEST_DIR "/data/") + std::string(name));
  EXPECT_FALSE(content.empty()) << name;
  return content;
}

std::string YesOrNo(bool value, std::string_view yes, std::string_view no) { return std::string(value ? yes : no); }

}  // namespace journeyfeed::dictionary
