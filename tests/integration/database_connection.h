// One database connection, for tests that hold locks or transactions open.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace journeyfeed::testing {

struct SqlFailure : std::runtime_error {
  SqlFailure(const std::string& message, std::string state)
      : std::runtime_error(message), sql_state(std::move(state)) {}
  std::string sql_state;
};

class DatabaseConnection {
 public:
  explicit DatabaseConnection(const std::string& url);
  // The first column of the first row, "" for null or no row. Throws SqlFailure.
  std::string Execute(const std::string& sql);

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

// The SQLSTATE with which a statement is refused; "" if it succeeds.
std::string RefusedWith(DatabaseConnection& session, const std::string& sql);

}  // namespace journeyfeed::testing
