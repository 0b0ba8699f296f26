#include "storage/embedded/command.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "storage/base/utf8.h"
#include "storage/embedded/problem.h"

namespace journeyfeed::embedded {
namespace {

constexpr std::size_t kKeptOutput = 4096;

// Both ends are closed by the destructor and by exec.
struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  }
  ~Pipe() {
    for (int end : ends) Close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int& reader() { return ends[0]; }
  int& writer() { return ends[1]; }
  static void Close(int& end) {
    if (end >= 0) ::close(std::exchange(end, -1));
  }

  std::array<int, 2> ends{};
};

// Everything that the child needs, made before the fork: in a process with threads only system calls are safe between
// fork and exec.
struct ChildPlan {
  const OsUser* user;
  char* const* argv;
  char* const* environment;
  int output;
  int death_signal;
  pid_t parent;
};

void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void BecomeProgram(const ChildPlan& plan, int report) {
  const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::setsid();
  ::umask(077);
  const bool ready = Become(*plan.user) && ::chdir("/") == 0 && ::dup2(input, STDIN_FILENO) >= 0 &&
                     ::dup2(plan.output, STDOUT_FILENO) >= 0 && ::dup2(plan.output, STDERR_FILENO) >= 0;
  // After the change of user, which would clear the death signal again.
  if (plan.death_signal != 0) ::prctl(PR_SET_PDEATHSIG, plan.death_signal);
  if (plan.death_signal != 0 && ::getppid() != plan.parent) ::_exit(127);
  ResetSignals();
  if (ready) ::execve(plan.argv[0], plan.argv, plan.environment);
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

// Blocks all signals, so that no handler of this process runs in the child.
pid_t ForkQuietly() {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid != 0) ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

// Cuts the beginning of a long text, without cutting a character in two.
void KeepEnd(std::string& output) { output.erase(0, output.size() - Utf8Suffix(output, kKeptOutput).size()); }

// Reads until the other side closes. Returns false at the deadline.
bool ReadToEnd(int from, Clock::time_point deadline, std::string& output) {
  std::array<char, 4096> buffer;
  while (Clock::now() < deadline) {
    pollfd readable{from, POLLIN, 0};
    if (::poll(&readable, 1, 50) <= 0) continue;
    const auto count = ::read(from, buffer.data(), buffer.size());
    if (count == 0) return true;
    if (count > 0) output.append(buffer.data(), static_cast<std::size_t>(count));
    KeepEnd(output);
  }
  return false;
}

}  // namespace

Result<Process> Spawn(const Command& command, int output) {
  std::vector<char*> argv;
  for (const std::string& argument : command.argv) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::array<std::string, 3> variables{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"};
  std::array<char*, 4> environment{variables[0].data(), variables[1].data(), variables[2].data(), nullptr};
  const ChildPlan plan{.user = &command.user,
                       .argv = argv.data(),
                       .environment = command.environment != nullptr ? command.environment : environment.data(),
                       .output = output,
                       .death_signal = command.death_signal,
                       .parent = ::getpid()};

  Pipe report;
  const pid_t pid = ForkQuietly();
  if (pid == 0) BecomeProgram(plan, report.writer());
  if (pid < 0) return MayPass("cannot start " + command.argv[0] + Because());
  auto process = Process::Open(pid);
  Pipe::Close(report.writer());
  int error = 0;
  if (::read(report.reader(), &error, sizeof error) == sizeof error) {
    if (process) process->WaitForExit(Clock::now() + std::chrono::seconds(1));
    return NeedsAction("cannot start " + command.argv[0] + " as user " + command.user.name + Because(error));
  }
  if (!process) {
    const auto because = Because();
    ::kill(pid, SIGKILL);
    return NeedsAction("cannot follow a process; Linux 5.3 or newer is needed" + because);
  }
  return std::move(*process);
}

Result<Outcome> RunCommand(const Command& command, Clock::time_point deadline) {
  Pipe output;
  auto process = Spawn(command, output.writer());
  if (!process) return std::unexpected(process.error());
  Pipe::Close(output.writer());

  Outcome outcome;
  const bool complete = ReadToEnd(output.reader(), deadline, outcome.output);
  if (!complete || !process->WaitForExit(deadline)) {
    ::kill(-process->pid(), SIGKILL);
    process->WaitForExit(Clock::now() + std::chrono::seconds(1));
    return MayPass(command.argv[0] + " did not end in time and was killed");
  }
  outcome.exit_code = process->exit_code();
  return outcome;
}

}  // namespace journeyfeed::embedded
