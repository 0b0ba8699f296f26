#include "storage/embedded/readiness.h"

#include <libpq-fe.h>
#include <poll.h>

#include <memory>

#include "storage/embedded/problem.h"

namespace journeyfeed::embedded {
namespace {

using Connection = std::unique_ptr<PGconn, decltype([](PGconn* c) { PQfinish(c); })>;
using Rows = std::unique_ptr<PGresult, decltype([](PGresult* r) { PQclear(r); })>;

constexpr auto kPause = std::chrono::milliseconds(10);
// libpq accepts whole seconds, and treats 1 as 2.
constexpr std::string_view kLimits = " connect_timeout=2 options='-c statement_timeout=30s'";

Connection Connect(const std::string& connection_string) {
  return Connection(PQconnectdb((connection_string + std::string(kLimits)).c_str()));
}

bool IsReadable(int descriptor) {
  pollfd readable{descriptor, POLLIN, 0};
  return ::poll(&readable, 1, 0) > 0;
}

}  // namespace

Readiness AwaitSession(Process& postmaster, const std::string& connection_string, Clock::time_point deadline, int wake,
                       std::string& problem) {
  while (true) {
    const Connection connection = Connect(connection_string);
    if (PQstatus(connection.get()) == CONNECTION_OK) return Readiness::kReady;
    problem = PQerrorMessage(connection.get());
    if (postmaster.WaitForExit(std::min(deadline, Clock::now() + kPause), wake)) return Readiness::kEnded;
    if (wake >= 0 && IsReadable(wake)) return Readiness::kWoken;
    if (Clock::now() < deadline) continue;
    const bool recovering = PQping((connection_string + std::string(kLimits)).c_str()) == PQPING_REJECT;
    return recovering ? Readiness::kRecovering : Readiness::kSilent;
  }
}

Result<void> EnsureDatabase(const std::string& connection_string, const std::string& name) {
  const Connection connection = Connect(connection_string);
  const auto run = [&](const std::string& sql) { return Rows(PQexec(connection.get(), sql.c_str())); };
  const Rows present = run("select from pg_database where datname = '" + name + "'");
  if (PQresultStatus(present.get()) != PGRES_TUPLES_OK || PQntuples(present.get()) != 1) {
    const Rows made = run("create database " + name);
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK)
      return MayPass("cannot make database " + name + ": " + PQerrorMessage(connection.get()));
  }
  // An operator grants roles that he adds what they need, by name.
  const Rows closed = run("revoke connect, temporary on database " + name + " from public");
  if (PQresultStatus(closed.get()) == PGRES_COMMAND_OK) return {};
  return MayPass("cannot close database " + name + " to others: " + PQerrorMessage(connection.get()));
}

}  // namespace journeyfeed::embedded
