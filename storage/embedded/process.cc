#include "storage/embedded/process.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

extern "C" {  // missing in glibc 2.36
#include <sys/pidfd.h>
}

namespace journeyfeed::embedded {
namespace {

int MillisecondsUntil(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

int ExitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

std::optional<Process> Process::Open(pid_t pid) {
  const int handle = ::pidfd_open(pid, 0);
  if (handle < 0) return std::nullopt;
  return Process(pid, handle);
}

Process::Process(Process&& other) noexcept
    : pid_(other.pid_), handle_(std::exchange(other.handle_, -1)), exit_code_(other.exit_code_) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(handle_, other.handle_);
  std::swap(exit_code_, other.exit_code_);
  return *this;
}

Process::~Process() {
  if (handle_ >= 0) ::close(handle_);
}

bool Process::Alive() const {
  pollfd ended{handle_, POLLIN, 0};
  return ::poll(&ended, 1, 0) == 0;
}

void Process::Signal(int signal) const { ::pidfd_send_signal(handle_, signal, nullptr, 0); }

bool Process::WaitForExit(Clock::time_point deadline, int wake) {
  std::array<pollfd, 2> watched{pollfd{handle_, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
  while (::poll(watched.data(), watched.size(), MillisecondsUntil(deadline)) < 0 && errno == EINTR) continue;
  if (Alive()) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) exit_code_ = ExitCode(status);
  return true;
}

}  // namespace journeyfeed::embedded
