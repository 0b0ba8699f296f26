// Brings the schema to this server's version: forward only, under a lock. Every step is safe while the previous version
// still runs.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/failure.h"
#include "storage/postgres/feed/position.h"
#include "storage/postgres/schema/token_key_set.h"

namespace journeyfeed::postgres {

struct Migrated {
  std::vector<TokenKey> token_keys;
  std::int64_t lock_table = 0;  // locks that all connections together can hold
  bool service_role = false;    // false: the owner may not create roles; the guard trigger alone protects the tables
  // The name of the database if every role of the server may connect to it; else empty. Any connection can take the
  // advisory locks that writes wait for.
  std::string open_to_others;
};

// A step of the schema besides those of sql/migrations; its number stands in the name, "1000_toy", and is above theirs.
struct Migration {
  std::string name;
  std::string text;
};

// Runs as the owner, over a separate connection. Also opens a new history for entities whose cluster changed, and makes
// partitions. SERVICE_UNAVAILABLE: try again. NOT_SUPPORTED: the schema is newer than this server, or is not what the
// data dictionary declares. `first` is false when this process has served this database before: then a newer schema is
// that of a release that is being rolled out, and no write function is touched. Write functions of a newer version stay
// in any case. `stop` ends every wait, here and below. `more`: applied after those of sql/migrations.
Result<Migrated> Migrate(const std::string& conninfo, bool first, std::stop_token stop = {},
                         const std::vector<Migration>& more = {});

// Upkeep of a running service, periodically and after a write failed for want of it: makes partitions ahead, and opens
// a new history if the cluster is not that of the current history or a sequence fell behind its log.
Result<void> Maintain(const std::string& conninfo, std::stop_token stop = {});

// Opens a new history of the entity unless the current one is of this cluster and holds `known` (migration 0006).
// Returns whether it opened one.
Result<bool> VerifyHistory(const std::string& conninfo, const dictionary::Entity& entity,
                           const std::optional<LogPoint>& known, std::stop_token stop = {});

// The version of the newest migration: the schema that this server works with.
int SchemaVersion();

}  // namespace journeyfeed::postgres
