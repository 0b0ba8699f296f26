// A real PostgreSQL of a test's own: in a temporary directory, with the settings of the embedded cluster, up in a
// fraction of a second since the cluster is copied from one that is made once per machine.
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
  std::vector<std::string> settings = {};  // further ones, "name=value"
};

// Everything fails with std::runtime_error. The server ends with the thread that started it, so make it in one that
// lives as long as the test; with the destructor everything is gone, and a crash of the test leaves no process.
class TestPostgres {
 public:
  explicit TestPostgres(TestPostgresOptions options = {});
  ~TestPostgres();
  TestPostgres(const TestPostgres&) = delete;
  TestPostgres& operator=(const TestPostgres&) = delete;

  // A connection string of libpq, as superuser.
  std::string url(const std::string& database = "postgres") const;
  // A fresh empty database; its url. The name must be plain and new.
  std::string CreateDatabase(const std::string& name);

  pid_t pid() const { return postmaster_->pid(); }  // Precondition: it runs.
  void Start();                                     // Precondition: it does not run. Recovers after Kill9.
  void Stop();                                      // Orderly.
  void Kill9();                                     // As a power cut would, for the postmaster and its children.
  void Restart();
  std::string log() const;

 private:
  TestPostgresOptions options_;
  TempDir directory_;
  embedded::ClusterHome home_;
  std::filesystem::path socket_directory_;
  std::optional<embedded::Process> postmaster_;
};

// Runs one statement in a session of its own; the first column of the first row, "" for null or no row.
std::string Query(const std::string& url, const std::string& sql);

}  // namespace journeyfeed::testing
