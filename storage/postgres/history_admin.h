// What an operator does by hand: `journeyfeed-server --open-history` and `--token-keys`.
#pragma once

#include <string>

#include "storage/status.h"

namespace journeyfeed::postgres {

// The database's name and each entity's current history, for people, and what opening new ones would mean. Changes
// nothing. SERVICE_UNAVAILABLE: no such database now. NOT_SUPPORTED: its schema is not this server's, or it is in
// recovery.
Result<std::string> DescribeHistories(const std::string& conninfo);

// Opens a new history of every entity. `database` repeats the database's name, so that nobody does it to another one:
// else INVALID_ARGUMENT. Says what was done.
Result<std::string> OpenHistories(const std::string& conninfo, const std::string& database);

// The keys of tokens, without their secrets, and what each is used for. Errors as by DescribeHistories.
Result<std::string> DescribeTokenKeys(const std::string& conninfo);

// `change`: "add" makes a key, "remove:ID" ends one, with every token that it signed. INVALID_ARGUMENT: neither, no
// such key, or the one that signs. Says what was done.
Result<std::string> ChangeTokenKeys(const std::string& conninfo, const std::string& change);

}  // namespace journeyfeed::postgres
