// Converts "column=value" of the command line to Dataverse JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/failure.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {

// An object with all columns, "{}" for none. If a column has two values, the later one counts. The reader of the JSON
// checks the values. Failures name the column, never the value.
Outcome<std::string> ColumnsToJson(const dictionary::Entity& entity, const std::vector<std::string>& assignments);

}  // namespace journeyfeed::cli
