// A handle on a process of the operating system, started here or found running. Every wait has a limit.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>

namespace journeyfeed::embedded {

using Clock = std::chrono::steady_clock;

// A process that was started here or found. The handle stays valid for it even if its number is reused. Movable. One
// thread at a time, except Signal and Alive.
class Process {
 public:
  // Returns nothing if there is no such process.
  static std::optional<Process> Open(pid_t pid);

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  bool Alive() const;
  void Signal(int signal) const;  // does nothing if it has ended
  // Returns true if it has ended; a child is then reaped. Returns false early when `wake` (a file descriptor, -1 for
  // none) becomes readable.
  bool WaitForExit(Clock::time_point deadline, int wake = -1);
  // After the end of a child: the exit code, or 128 + the signal that ended it. -1 for processes that were not started
  // here.
  int exit_code() const { return exit_code_; }

 private:
  Process(pid_t pid, int handle) : pid_(pid), handle_(handle) {}

  pid_t pid_;
  int handle_;  // pidfd
  int exit_code_ = -1;
};

}  // namespace journeyfeed::embedded
