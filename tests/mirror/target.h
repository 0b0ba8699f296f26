// Where a mirror is kept: a file of SQLite, or a database of PostgreSQL.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/mirror/mirror_database.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::testing {

class MirrorTarget {
 public:
  virtual ~MirrorTarget() = default;
  virtual std::string url() const = 0;  // for the command line
  virtual cli::Dialect dialect() const = 0;
  // Waits until the mirror is within a transaction, and kills it there. Returns whether it did.
  [[nodiscard]] virtual bool KillInTransaction(cli::testing::CliProcess& mirror) const = 0;

  // Fails the test when the statement fails, except that a table that is missing has no rows.
  std::vector<cli::Values> Ask(const std::string& sql) const;
  // Of the mirror; 0 while there is none.
  int Rows(const std::string& table) const;
};

std::unique_ptr<MirrorTarget> MakeMirrorTarget(cli::Dialect dialect);

// Waits until the mirror has as many rows, and versions with the same sum, as the table of the service. Says nothing of
// the columns: Difference does, and costs more.
[[nodiscard]] bool AwaitSameVersions(const MirrorTarget& target, const dictionary::Entity& entity,
                                     const std::string& database_url);

// What differs between the mirror and the table of the service, in any column; "" if nothing does.
std::string Difference(const MirrorTarget& target, const std::string& table, const dictionary::Entity& entity,
                       const std::string& database_url, const std::string& where = "true");

}  // namespace journeyfeed::testing
