#include "services/termination.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace journeyfeed {
namespace {

sigset_t TerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void BlockTerminationSignals() {
  const sigset_t signals = TerminationSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int AwaitTermination() {
  const sigset_t signals = TerminationSignals();
  int number = 0;
  while (sigwait(&signals, &number) != 0) {
  }
  return number;
}

void EndAtNextSignal() {
  std::thread([] { _exit(128 + AwaitTermination()); }).detach();
}

}  // namespace journeyfeed
