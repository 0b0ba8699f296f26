// Runs of journeyctl, in this process and as a process of its own.
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

  // The output, a JSON value a line.
  std::vector<nlohmann::json> lines() const;
};

// In this process. `columns`: as if the output were a terminal of that width.
Ran RunCli(const Arguments& arguments, const std::string& input = "", std::stop_token stop = {}, int columns = 0);

// As a process; the standard output is `out`, a file that is appended to unless it is a pipe's descriptor.
class CliProcess {
 public:
  // `out` is a file descriptor, which is left open here.
  CliProcess(const Arguments& arguments, int out, const std::string& err_path);
  // Kills what still runs.
  ~CliProcess();
  CliProcess(const CliProcess&) = delete;
  CliProcess& operator=(const CliProcess&) = delete;

  void Signal(int signal) const;
  // Its exit code, or 128 + the signal that ended it; -1 when it runs on for 30 s.
  int Wait();

 private:
  pid_t pid_;
  bool ended_ = false;
};

}  // namespace journeyfeed::cli::testing
