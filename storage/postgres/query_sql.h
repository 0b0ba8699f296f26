// Compiles a checked query to SQL. What a caller wrote is only ever a bound parameter; names of columns come from the
// dictionary; the rest is constant text.
#pragma once

#include <string>

#include "storage/postgres/binary.h"
#include "storage/query.h"

namespace journeyfeed::postgres {

struct CompiledQuery {
  std::string text;
  Params params;
};

// One page, in order. Columns of the result: {{read_columns}}, then how many records there are up to one more than the
// page size, then the order values (PagePosition::values of the record).
CompiledQuery CompilePage(const Query& query);

// How many records the filter selects, up to one more than count_limit: one bigint.
CompiledQuery CompileCount(const Query& query);

// One row for each group, up to one more than group_limit, in the order of the group's columns. Columns of the result:
// how many records were read up to one more than source_limit (bigint), then the group's columns and then its
// aggregates; numbers as float8. Precondition: query.grouping.
CompiledQuery CompileGroups(const Query& query);

}  // namespace journeyfeed::postgres
