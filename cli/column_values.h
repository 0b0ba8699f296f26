// "column=value" of the command line as Dataverse JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/failure.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {

// An object with all of them, "{}" for none; of two values for one column the later one. What a value must be is left
// to the JSON's reader. Failures name the column, never the value.
Outcome<std::string> ColumnsToJson(const dictionary::Entity& entity, const std::vector<std::string>& assignments);

}  // namespace journeyfeed::cli
