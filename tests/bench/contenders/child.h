// A program that a contender runs.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "storage/embedded/process.h"

namespace journeyfeed::bench {

// Ends with its object, and with the thread that made it.
class Child {
 public:
  // `argv[0]` is an absolute path; `log` takes its output. Throws std::runtime_error if it cannot be started.
  Child(const std::vector<std::string>& argv, const std::string& log);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return process_.pid(); }
  // The exit code of a program that ends by itself. Throws std::runtime_error if it does not in time.
  int Wait(std::chrono::milliseconds limit);

 private:
  embedded::Process process_;
};

// The absolute path of a program in the PATH. Throws std::runtime_error if there is none.
std::string FindProgram(const std::string& name);

// A port of 127.0.0.1 that nothing listens on.
std::uint16_t FreePort();

}  // namespace journeyfeed::bench
