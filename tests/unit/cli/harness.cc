#include "tests/unit/cli/harness.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <stdexcept>

#include "cli/input/file_io.h"
#include "cli/run.h"
#include "tests/support/eventually.h"

namespace journeyfeed::cli::testing {

std::vector<nlohmann::json> Ran::lines() const {
  std::vector<nlohmann::json> parsed;
  std::istringstream text(out);
  for (std::string line; std::getline(text, line);) parsed.push_back(nlohmann::json::parse(line));
  return parsed;
}

Ran RunCli(const Arguments& arguments, const std::string& input, std::stop_token stop, int columns) {
  const journeyfeed::testing::TempDir folder;
  journeyfeed::testing::WriteFile(folder / "in", input);
  const FileDescriptor in(open((folder / "in").c_str(), O_RDONLY | O_CLOEXEC));
  const FileDescriptor out(open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  std::ostringstream err;
  Io io{.input = in.get(),
        .output = out.get(),
        .errors = &err,
        .show_progress = false,
        .columns = columns,
        .termination = [stop] { return stop; }};
  const int exit_code = RunCommandLine(arguments, io);
  return {.exit_code = exit_code, .out = journeyfeed::testing::ReadFile(folder / "out"), .err = err.str()};
}

CliProcess::CliProcess(const Arguments& arguments, int out, const std::string& err_path) {
  std::vector<char*> argv = {const_cast<char*>("journeyctl")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ > 0) return;
  dup2(out, STDOUT_FILENO);
  dup2(open(err_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  execv(JOURNEYCTL_BINARY, argv.data());
  _exit(127);
}

CliProcess::~CliProcess() {
  if (ended_) return;
  Signal(SIGKILL);
  Wait();
}

void CliProcess::Signal(int signal) const { kill(pid_, signal); }

int CliProcess::Wait() {
  int status = 0;
  ended_ = journeyfeed::testing::Eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; },
                                            std::chrono::seconds(30));
  if (!ended_) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace journeyfeed::cli::testing
