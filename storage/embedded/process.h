// A handle on a process of the operating system, started here or found running. Every wait has a bound.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>

namespace journeyfeed::embedded {

using Clock = std::chrono::steady_clock;

// A process that was started here or found: the handle stays true to it when its number is used again. Movable.
// One thread at a time, except Signal and Alive.
class Process {
 public:
  // Nothing when there is no such process.
  static std::optional<Process> Open(pid_t pid);

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  bool Alive() const;
  void Signal(int signal) const;  // nothing happens when it has ended
  // True when it has ended, which for a child also takes its exit status away. Returns early, with false, when `wake`
  // (a file descriptor, -1 for none) becomes readable.
  bool WaitForExit(Clock::time_point deadline, int wake = -1);
  // After a child's end: the exit code, or 128 + the signal that ended it. -1 for processes that were not started here.
  int exit_code() const { return exit_code_; }

 private:
  Process(pid_t pid, int handle) : pid_(pid), handle_(handle) {}

  pid_t pid_;
  int handle_;  // pidfd
  int exit_code_ = -1;
};

}  // namespace journeyfeed::embedded
