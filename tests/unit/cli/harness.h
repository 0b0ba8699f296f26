// Runs journeyctl, in this process and as a separate process.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/support/files.h"

namespace journeyfeed::cli::testing {

using Arguments = std::vector<std::string>;

struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;

  // The output: one JSON value per line.
  std::vector<nlohmann::json> lines() const;
};

// In this process. `columns`: as if the output were a terminal of this width.
Ran RunCli(const Arguments& arguments, const std::string& input = "", std::stop_token stop = {}, int columns = 0);

// As a process. The standard output is `out`: a pipe, or a file that is appended to.
class CliProcess {
 public:
  // `out` is a file descriptor, which stays open here.
  CliProcess(const Arguments& arguments, int out, const std::string& err_path);
  // Kills a process that still runs.
  ~CliProcess();
  CliProcess(const CliProcess&) = delete;
  CliProcess& operator=(const CliProcess&) = delete;

  void Signal(int signal) const;
  // The exit code, or 128 + the signal that ended it; -1 if it runs for more than 30 s.
  int Wait();

 private:
  pid_t pid_;
  bool ended_ = false;
};

}  // namespace journeyfeed::cli::testing
