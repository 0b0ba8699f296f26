// Operator commands: `journeyfeed-server --open-history` and `--token-keys`.
#pragma once

#include <string>

#include "storage/failure.h"

namespace journeyfeed::postgres {

// Describes the database, each entity's current history, and what opening new ones would mean, as text for people.
// Changes nothing. SERVICE_UNAVAILABLE: the database cannot be reached. NOT_SUPPORTED: its schema is not this server's,
// or it is in recovery.
Result<std::string> DescribeHistories(const std::string& conninfo);

// Opens a new history of every entity and says what was done. `database` must repeat the database's name, as a
// safeguard against the wrong database; else INVALID_ARGUMENT.
Result<std::string> OpenHistories(const std::string& conninfo, const std::string& database);

// Lists the token keys without their secrets, and the use of each. Errors as by DescribeHistories.
Result<std::string> DescribeTokenKeys(const std::string& conninfo);

// `change`: "add" makes a key, "remove:ID" removes one and thereby invalidates every token that it signed.
// INVALID_ARGUMENT: another text, no such key, or the key that signs. Returns the new list.
Result<std::string> ChangeTokenKeys(const std::string& conninfo, const std::string& change);

}  // namespace journeyfeed::postgres
