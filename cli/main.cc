// journeyctl: the process around Run.
#include <grpc/support/log.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "cli/run.h"

namespace journeyfeed::cli {
namespace {

// gRPC's own log is only for users who ask for it; others get one error text.
void QuietGrpc() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

// 0: not a terminal.
int TerminalColumns(int file) {
  if (isatty(file) == 0) return 0;
  winsize size{};
  return ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// SIGINT and SIGTERM end the process at once, unless some code took `token`: then the first signal requests a stop, and
// a second one ends the process without waiting for the reader of the last lines.
class Termination {
 public:
  // Call it before any other thread exists: all threads inherit the blocked signals.
  Termination() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread([state = state_, signals] { Await(*state, signals); }).detach();
  }

  std::stop_token token() {
    state_->orderly = true;
    return state_->source.get_token();
  }

 private:
  struct State {
    std::stop_source source;
    std::atomic<bool> orderly = false;
  };

  static void Await(State& state, const sigset_t& signals) {
    int number = 0;
    sigwait(&signals, &number);
    if (!state.orderly) _exit(128 + number);
    state.source.request_stop();
    sigwait(&signals, &number);
    _exit(128 + number);
  }

  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace
}  // namespace journeyfeed::cli

int main(int argc, char** argv) {
  using namespace journeyfeed::cli;
  std::signal(SIGPIPE, SIG_IGN);
  Termination termination;
  QuietGrpc();
  Io io{.errors = &std::cerr,
        .show_progress = isatty(STDERR_FILENO) != 0 && isatty(STDOUT_FILENO) == 0,
        .errors_are_seen = isatty(STDERR_FILENO) != 0,
        .columns = TerminalColumns(STDOUT_FILENO),
        .termination = [&termination] { return termination.token(); }};
  try {
    return RunCommandLine({argv + 1, argv + argc}, io);
  } catch (const std::exception& error) {
    std::cerr << "journeyctl: " << error.what() << '\n';
    return 13;  // INTERNAL
  }
}
