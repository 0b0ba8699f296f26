#include "services/termination.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

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

}  // namespace
}  // namespace journeyfeed
