#include "tests/support/test_postgres.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <stdexcept>

#include "storage/embedded/cluster_settings.h"
#include "storage/embedded/command.h"
#include "storage/embedded/files.h"
#include "storage/embedded/installation.h"
#include "storage/embedded/postmaster.h"
#include "storage/embedded/readiness.h"
#include "tests/support/cluster_template.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::testing {
namespace {

using embedded::Clock;

constexpr auto kLimit = std::chrono::seconds(90);

const embedded::Installation& Newest() {
  static const auto installation = OrThrow(embedded::FindInstallation(std::nullopt));
  return installation;
}

}  // namespace

TestPostgres::TestPostgres(TestPostgresOptions options)
    : options_(std::move(options)), home_{directory_.path(), TestClusterOwner()} {
  OrThrow(embedded::MakePrivateDirectory(home_.path, home_.owner));
  CopyClusterTemplate(home_, Newest());
  OrThrow(embedded::WriteClusterSettings(home_));
  socket_directory_ = OrThrow(embedded::SocketDirectory(home_));
  Start();
}

TestPostgres::~TestPostgres() {
  if (!postmaster_) return;
  postmaster_->Signal(SIGQUIT);
  if (!postmaster_->WaitForExit(Clock::now() + kLimit)) postmaster_->Signal(SIGKILL);
}

std::string TestPostgres::url(const std::string& database) const {
  return embedded::ConnectionString(socket_directory_, database);
}

std::string TestPostgres::CreateDatabase(const std::string& name) {
  Query(url(), "create database " + name);
  return url(name);
}

void TestPostgres::Start() {
  embedded::Command command{embedded::PostgresArguments(home_, socket_directory_), home_.owner};
  command.argv.insert(command.argv.begin(), Newest().postgres().string());
  command.death_signal = SIGQUIT;
  std::vector<std::string> settings{"logging_collector=off"};
  if (!options_.durable) settings.insert(settings.end(), {"fsync=off", "full_page_writes=off"});
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  for (const auto& setting : settings) command.argv.insert(command.argv.end(), {"-c", setting});

  const int log = ::open((home_.path / "log.txt").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  auto started = embedded::Spawn(command, log);
  ::close(log);
  postmaster_ = OrThrow(std::move(started));
  std::string problem;
  if (AwaitSession(*postmaster_, url(), Clock::now() + kLimit, -1, problem) != embedded::Readiness::kReady) {
    Kill9();
    throw std::runtime_error("PostgreSQL does not start: " + problem + this->log());
  }
}

void TestPostgres::Stop() {
  OrThrow(embedded::ShutDown(*postmaster_, home_.data(), kLimit));
  postmaster_.reset();
}

void TestPostgres::Kill9() {
  postmaster_->Signal(SIGKILL);
  postmaster_->WaitForExit(Clock::now() + kLimit);
  postmaster_.reset();
  OrThrow(embedded::ClearLeftovers(home_.data(), socket_directory_));
}

void TestPostgres::Restart() {
  Stop();
  Start();
}

std::string TestPostgres::log() const { return ReadFile(home_.path / "log.txt"); }

std::string Query(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  const std::unique_ptr<PGresult, decltype(&PQclear)> rows(PQexec(connection.get(), sql.c_str()), &PQclear);
  const auto status = PQresultStatus(rows.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  return PQntuples(rows.get()) > 0 && PQnfields(rows.get()) > 0 ? PQgetvalue(rows.get(), 0, 0) : "";
}

}  // namespace journeyfeed::testing
