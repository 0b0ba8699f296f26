// Compares the data dictionary with the schema, before anything is served from it.
#pragma once

#include <string>
#include <vector>

#include "storage/dictionary/dictionary.h"

namespace pqxx {
class transaction_base;
}

namespace journeyfeed::postgres {

// What an entity needs and the schema lacks, each with its name: the table, its log and sequence, and columns of the
// expected types. Columns that the dictionary does not know are those of a newer version, and stay unnamed.
std::vector<std::string> SchemaProblems(pqxx::transaction_base& work, const dictionary::Entity& entity);

}  // namespace journeyfeed::postgres
