#include "services/termination.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/unit/call/call_harness.h"

namespace journeyfeed {
namespace {

TEST(TerminationDeathTest, TheSecondSignalEndsAtOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto twice = [] {
    BlockTerminationSignals();
    kill(getpid(), SIGTERM);
    if (AwaitTermination() != SIGTERM) _exit(1);
    EndAtNextSignal();
    kill(getpid(), SIGTERM);
    while (true) pause();
  };
  EXPECT_EXIT(twice(), ::testing::ExitedWithCode(128 + SIGTERM), "");
}

// The messages of the captured lines, with the level that they name.
std::vector<std::string> LevelLines(testing::LogCapture& log) {
  std::vector<std::string> lines;
  for (const auto& line : log.Lines("log level")) {
    lines.push_back(line.value("level", "") + " " + line.value("log_level", ""));
  }
  return lines;
}

// Sends signals to the one thread that waits for them: other threads of a test binary started before the signals were
// blocked.
class LogLevelSignals : public ::testing::Test {
 protected:
  LogLevelSignals() {
    BlockTerminationSignals();
    waiter_ = std::thread([] { AwaitTermination(); });
  }
  ~LogLevelSignals() override {
    pthread_kill(waiter_.native_handle(), SIGTERM);
    waiter_.join();
  }
  // The line is written before the level changes if the log gets less verbose.
  bool Reaches(LogLevel level) {
    return testing::Eventually([&] { return CurrentLogLevel() == level; });
  }
  bool Moves(int signal, const std::string& line) {
    const std::size_t before = LevelLines(log_).size();
    pthread_kill(waiter_.native_handle(), signal);
    return testing::Eventually([&] { return LevelLines(log_).size() == before + 1; }) &&
           LevelLines(log_).back() == line;
  }

  testing::LogCapture log_{LogLevel::kInfo};
  std::thread waiter_;
};

TEST_F(LogLevelSignals, MoveTheLevelStepByStep) {
  EXPECT_FALSE(LogEnabled(LogLevel::kDebug));
  EXPECT_TRUE(Moves(SIGUSR1, "info debug"));
  EXPECT_TRUE(LogEnabled(LogLevel::kDebug));
  EXPECT_TRUE(Moves(SIGUSR1, "info debug")) << "there is no more than debug";
  EXPECT_TRUE(Moves(SIGUSR2, "info info"));
  EXPECT_TRUE(Reaches(LogLevel::kInfo));
  EXPECT_TRUE(Moves(SIGUSR2, "info warning"));
  EXPECT_TRUE(Reaches(LogLevel::kWarning));
  EXPECT_FALSE(LogEnabled(LogLevel::kInfo));
  EXPECT_TRUE(Moves(SIGUSR2, "warning error"));
  EXPECT_TRUE(Reaches(LogLevel::kError));
  EXPECT_TRUE(Moves(SIGUSR2, "error error")) << "errors cannot be silenced";
  EXPECT_TRUE(LogEnabled(LogLevel::kError));
  EXPECT_TRUE(Moves(SIGUSR1, "warning warning"));
}

}  // namespace
}  // namespace journeyfeed
