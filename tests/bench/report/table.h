// The results of workloads as tables of Markdown.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/contest/contest.h"

namespace journeyfeed::bench {

// Three digits, more only before the point: 0.0123, 12.3, 1230.
std::string ShortNumber(double value);

// The same without zeros at the end: for numbers that were chosen.
std::string PlainNumber(double value);

// A table of text; the first row is the head. Columns but the first are aligned to the right.
std::string MarkdownTable(const std::vector<std::vector<std::string>>& rows);

// A workload's figures with their interval and bars; the medians of its cells; what was wrong with trials that do not
// count.
std::string Describe(const Result& result);

}  // namespace journeyfeed::bench
