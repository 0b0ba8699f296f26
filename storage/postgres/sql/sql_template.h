// Fills the {{fragments}} of the .sql files from the data dictionary: the logic of a statement is written once for all
// entities, and column lists are not written at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::postgres {

// The statement for `entity`. Precondition: every fragment of `text` is known (asserted).
std::string ExpandSql(const dictionary::Entity& entity, std::string_view text);

// The columns that the write function takes as parameters, in its order: the writable ones except the key.
std::vector<const dictionary::Column*> ValueColumns(const dictionary::Entity& entity);

// Columns that {{read_columns}} selects, in its order: all that are stored.
std::vector<const dictionary::Column*> ReadColumns(const dictionary::Entity& entity);

// A SQL expression (bigint): an upper bound for the bytes that the row `t` takes as a record of a message, with the
// other fields of a change. Reads no large value. `selected`: the columns that are returned; absent: p.columns says
// which.
std::string RecordSize(const dictionary::Entity& entity, std::optional<std::uint64_t> selected = {});

// The SQL type of a column.
const char* SqlType(dictionary::ColumnType type);

// The names of {{read_columns}} ("t.id, …"), for the rows of a subquery that selects them.
std::string ReadNames(const dictionary::Entity& entity);

}  // namespace journeyfeed::postgres
