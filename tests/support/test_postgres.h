// A real PostgreSQL for one test: in a temporary directory, with the settings of the embedded cluster. It starts in a
// fraction of a second, because the cluster is copied from a template that is made once per machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/embedded/cluster_home.h"
#include "storage/embedded/process.h"
#include "tests/support/files.h"

namespace journeyfeed::testing {

struct TestPostgresOptions {
  bool durable = false;                    // fsync; only tests of durability need it
  std::vector<std::string> settings = {};  // further settings, "name=value"
};

// All failures throw std::runtime_error. The server ends with the thread that started it, so start it from a thread
// that lives as long as the test. The destructor removes everything, and a crash of the test leaves no process.
class TestPostgres {
 public:
  explicit TestPostgres(TestPostgresOptions options = {});
  ~TestPostgres();
  TestPostgres(const TestPostgres&) = delete;
  TestPostgres& operator=(const TestPostgres&) = delete;

  // A libpq connection string, as superuser.
  std::string url(const std::string& database = "postgres") const;
  // Makes an empty database and returns its url. The name must be plain and new. `options`: further options of CREATE
  // DATABASE.
  std::string CreateDatabase(const std::string& name, const std::string& options = {});

  pid_t pid() const { return postmaster_->pid(); }  // precondition: it runs
  void Start();                                     // precondition: it does not run; recovers after Kill9
  void Stop();                                      // orderly
  void Kill9();                                     // like a power cut, for the postmaster and its children
  void Restart();
  std::string log() const;

 private:
  TestPostgresOptions options_;
  TempDir directory_;
  embedded::ClusterHome home_;
  std::filesystem::path socket_directory_;
  std::optional<embedded::Process> postmaster_;
};

// Runs one statement over a new connection. Returns the first column of the first row; "" for null or no row.
std::string Query(const std::string& url, const std::string& sql);

}  // namespace journeyfeed::testing
