// The conditions of a query as SQL; a part of query_sql.
#pragma once

#include <string>

#include "storage/postgres/connection/binary.h"
#include "storage/query.h"

namespace journeyfeed::postgres {

// A column of the table t. Callers see the key's partition as partition_id; a column that is not stored is null.
std::string Plain(const dictionary::Column& column);

// The same for comparison and order: text case-folded and in byte order, the expression of the indexes.
std::string Comparable(const dictionary::Column& column);

// A text case-folded (migration 0009).
std::string Folded(const std::string& text);

// An expression that is true, false or null. Its values are added to `params`.
std::string CompileCondition(const Condition& condition, Params& params);

}  // namespace journeyfeed::postgres
