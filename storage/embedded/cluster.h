// The cluster of a data directory: finds it, locks it for this process, makes it if missing, and starts it as often as
// needed. One thread at a time.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/embedded/cluster_home.h"
#include "storage/embedded/files.h"
#include "storage/embedded/installation.h"
#include "storage/embedded/process.h"
#include "storage/failure.h"

namespace journeyfeed::embedded {

using Log = std::function<void(std::string_view)>;

class Cluster {
 public:
  // Starts nothing; a PostgreSQL that runs already goes on. The locks are held while the object lives.
  static Result<Cluster> Open(const std::filesystem::path& data_dir, Clock::time_point deadline, Log log);

  // Returns a postmaster that accepts connections: the running one if it has the current settings, else a new one.
  // After a failure nothing is left running, except a postmaster that was still recovering at the deadline: ending it
  // would waste its work, and the next attempt finds it. Gives up early when `wake` becomes readable.
  Result<Process> BringUp(Clock::time_point deadline, int wake);

  // Ends every process of the cluster.
  Result<void> Stop(std::chrono::milliseconds limit);

  // Leads to the database `journeyfeed`. Constant while the object lives.
  std::string connection_string() const;

 private:
  Cluster(ClusterHome home, std::vector<FileLock> locks, Log log);

  Result<Process> Launch(Clock::time_point deadline, int wake);
  Result<void> Await(Process& postmaster, Clock::time_point deadline, int wake);
  void Say(const std::string& line) const;

  ClusterHome home_;
  std::vector<FileLock> locks_;
  Log log_;
  Installation installation_;
  std::filesystem::path socket_directory_;
};

}  // namespace journeyfeed::embedded
