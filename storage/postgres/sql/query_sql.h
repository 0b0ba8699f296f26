// Compiles a checked query to SQL. A caller's values are always bound parameters, column names come from the
// dictionary, the rest is constant text.
#pragma once

#include <string>

#include "storage/postgres/connection/binary.h"
#include "storage/query.h"

namespace journeyfeed::postgres {

struct CompiledQuery {
  std::string text;
  Params params;
};

// One page, in order. Columns of the result: {{read_columns}}, then the number of records (at most one more than the
// page size), then the order values (PagePosition::values of the record).
CompiledQuery CompilePage(const Query& query);

// The number of records that the filter selects, at most one more than count_limit: one bigint.
CompiledQuery CompileCount(const Query& query);

// One row per group, at most one more than group_limit, in the order of the group's columns. Columns of the result: the
// number of records read (bigint, at most one more than source_limit), then the group's columns, then its aggregates;
// numbers as float8. Precondition: query.grouping.
CompiledQuery CompileGroups(const Query& query);

}  // namespace journeyfeed::postgres
