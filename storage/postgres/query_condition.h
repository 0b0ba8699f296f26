// The conditions of a query as SQL; a part of query_sql.
#pragma once

#include <string>

#include "storage/postgres/binary.h"
#include "storage/query.h"

namespace journeyfeed::postgres {

// A column of the table t. The key's partition is what callers see as partition; a column without a table is null.
std::string Plain(const dictionary::Column& column);

// The same as it is compared and ordered: text without case and in byte order, the expression of the indexes.
std::string Comparable(const dictionary::Column& column);

// A text without case (migration 0008).
std::string Folded(const std::string& text);

// An expression that is true, false or null; its values are added to `params`.
std::string CompileCondition(const Condition& condition, Params& params);

}  // namespace journeyfeed::postgres
