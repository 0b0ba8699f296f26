#include "tests/integration/database_connection.h"

namespace journeyfeed::testing {

DatabaseConnection::DatabaseConnection(const std::string& url) : connection_(PQconnectdb(url.c_str()), &PQfinish) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw SqlFailure(PQerrorMessage(connection_.get()), "08000");
}

std::string DatabaseConnection::Execute(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> rows(PQexec(connection_.get(), sql.c_str()), &PQclear);
  const auto status = PQresultStatus(rows.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    const char* state = PQresultErrorField(rows.get(), PG_DIAG_SQLSTATE);
    throw SqlFailure(PQresultErrorMessage(rows.get()), state != nullptr ? state : "");
  }
  return PQntuples(rows.get()) > 0 && PQnfields(rows.get()) > 0 ? PQgetvalue(rows.get(), 0, 0) : "";
}

std::string RefusedWith(DatabaseConnection& session, const std::string& sql) {
  try {
    session.Execute(sql);
    return "";
  } catch (const SqlFailure& failure) {
    return failure.sql_state;
  }
}

}  // namespace journeyfeed::testing
