// Runs `dot` of Graphviz: it reads from a file in memory and writes to the given descriptor.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cli/input/file_io.h"
#include "cli/journey/journey_graph.h"

extern char** environ;

namespace journeyfeed::cli {
namespace {

CommandFailure DotFailure(std::string message) {
  CommandFailure failure;
  failure.exit_code = kFilesExit;
  failure.message = std::move(message);
  return failure;
}

// Returns the error of posix_spawnp; 0: the process runs.
int Start(int input, int output, pid_t& process) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  char program[] = "dot";
  char format[] = "-Tsvg";
  char* arguments[] = {program, format, nullptr};
  const int error = posix_spawnp(&process, program, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Returns whether the process ended in time. It is gone in either case.
bool AwaitEnd(pid_t process, std::chrono::milliseconds limit, int& status) {
  // By number, because the header of glibc 2.36 declares it only for C.
  const FileDescriptor handle(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  pollfd waiting{.fd = handle.get(), .events = POLLIN, .revents = 0};
  const auto end = std::chrono::steady_clock::now() + limit;
  int ready = 0;
  do {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    ready = poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) kill(process, SIGKILL);
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return ready > 0;
}

}  // namespace

Outcome<void> DrawSvg(const std::string& dot, int output, std::chrono::milliseconds limit) {
  const FileDescriptor input(memfd_create("journey", MFD_CLOEXEC));
  if (input.get() < 0) return std::unexpected(FileFailure("cannot make a file in memory", errno));
  if (const int error = WriteAll(input.get(), dot))
    return std::unexpected(FileFailure("cannot make a file in memory", error));
  lseek(input.get(), 0, SEEK_SET);
  pid_t process = 0;
  if (const int error = Start(input.get(), output, process)) {
    if (error == ENOENT)
      return std::unexpected(
          DotFailure("SVG needs the program dot of Graphviz (package graphviz); without --svg the picture is DOT"));
    return std::unexpected(FileFailure("cannot run dot", error));
  }
  int status = 0;
  if (!AwaitEnd(process, limit, status)) return std::unexpected(DotFailure("dot took longer than --timeout"));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return std::unexpected(DotFailure("dot did not draw the picture"));
  return {};
}

}  // namespace journeyfeed::cli
