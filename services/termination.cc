#include "services/termination.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "services/logging.h"
#include "storage/base/guarded.h"

namespace journeyfeed {
namespace {

constexpr int kGravest = static_cast<int>(LogLevel::kError);

sigset_t OurSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) sigaddset(&signals, number);
  return signals;
}

// Moves the level by `steps` towards error; stops at the last level in a direction. Logs at the more verbose of the two
// levels, so that the line is not filtered.
void MoveLogLevel(int steps) {
  const LogLevel before = CurrentLogLevel();
  const auto after = static_cast<LogLevel>(std::clamp(static_cast<int>(before) + steps, 0, kGravest));
  if (after < before) SetLogLevel(after);
  Log(std::max(LogLevel::kInfo, std::min(before, after)), "log level", {{"log_level", LogLevelName(after)}});
  SetLogLevel(after);
}

}  // namespace

void BlockTerminationSignals() {
  const sigset_t signals = OurSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int AwaitTermination() {
  const sigset_t signals = OurSignals();
  while (true) {
    int number = 0;
    if (sigwait(&signals, &number) != 0) continue;
    if (number == SIGTERM || number == SIGINT) return number;
    MoveLogLevel(number == SIGUSR1 ? -1 : 1);
  }
}

void EndAtNextSignal() {
  std::thread([] {
    int number = 0;
    while (!Guarded("signals", [&number] { number = AwaitTermination(); })) continue;
    _exit(128 + number);
  }).detach();
}

}  // namespace journeyfeed
