// The data directory of one test, with servers on it that can be killed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "storage/embedded/embedded_postgres.h"
#include "tests/support/files.h"

namespace journeyfeed::testing {

class DataDir {
 public:
  // `kEmpty`: nothing exists yet. `kMade`: a cluster exists already, which saves the second that initdb takes.
  enum Content { kEmpty, kMade };
  explicit DataDir(Content content);
  ~DataDir();

  std::filesystem::path path() const { return directory_.path() / "data"; }
  std::filesystem::path home() const { return path() / "postgres"; }
  EmbeddedSettings Settings();
  // Throws std::runtime_error with the message of a failure.
  std::unique_ptr<EmbeddedPostgres> Start();

  // Starts it in a separate process, which is killed before it stops anything. Returns the postmaster's pid.
  pid_t StartInAServerThatIsKilled();

  // Every process of the cluster.
  std::vector<pid_t> Processes() const;
  std::string told() const;  // everything that the log callback got

 private:
  TempDir directory_;
};

}  // namespace journeyfeed::testing
