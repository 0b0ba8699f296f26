// The cluster of a data directory: located, locked for this process, made when it was not there, and brought up as
// often as needed. One thread at a time.
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
#include "storage/status.h"

namespace journeyfeed::embedded {

using Log = std::function<void(std::string_view)>;

class Cluster {
 public:
  // Nothing runs yet afterwards, unless it ran before. The locks are held until the object goes.
  static Result<Cluster> Open(const std::filesystem::path& data_dir, Clock::time_point deadline, Log log);

  // A postmaster that lets sessions in: the one that runs already when it runs with today's settings, else a new one.
  // After a failure nothing is left running, except a postmaster that was still recovering when the time was over:
  // ending it would throw its work away, and the next attempt finds it. Gives up early when `wake` becomes readable.
  Result<Process> BringUp(Clock::time_point deadline, int wake);

  // Ends whatever runs on the cluster.
  Result<void> Stop(std::chrono::milliseconds limit);

  // To the database `journeyfeed`; it does not change while the object lives.
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
