#include "tests/bench/measure/processes.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

namespace journeyfeed::bench {
namespace {

TEST(ProcessesTest, ALineOfStatIsReadWhateverTheNameIs) {
  const auto stat = ParseStat("42 (a) R 1) (b) S 7 42 42 0 -1 4194304 100 200 0 0 11 22 33 44 20 0 1 0 12345 1000 200");
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->pid, 42);
  EXPECT_EQ(stat->parent, 7);
  EXPECT_EQ(stat->ticks, 11u + 22 + 33 + 44);
}

TEST(ProcessesTest, AnEmptyOrCutLineIsNone) {
  EXPECT_FALSE(ParseStat(""));
  EXPECT_FALSE(ParseStat("42 (name"));
  EXPECT_FALSE(ParseStat("42 (name) S 7 1 2 3"));
}

TEST(ProcessesTest, ATreeIsTheRootAndWhatIsBelowIt) {
  const std::vector<ProcessStat> processes{
      {.pid = 9, .parent = 5, .ticks = 1},     {.pid = 2, .parent = 1, .ticks = 10},
      {.pid = 5, .parent = 2, .ticks = 100},   {.pid = 3, .parent = 1, .ticks = 1000},
      {.pid = 1, .parent = 0, .ticks = 10000},
  };
  EXPECT_EQ(TreeTicks(processes, 2), 111u);
  EXPECT_EQ(TreeTicks(processes, 3), 1000u);
  EXPECT_EQ(TreeTicks(processes, 77), 0u);
}

// Uses CPU until the process has had some ticks of it.
void Burn() {
  rusage used{};
  do {
    ::getrusage(RUSAGE_SELF, &used);
  } while (used.ru_utime.tv_sec * 1000000 + used.ru_utime.tv_usec + used.ru_stime.tv_usec < 100000);
}

TEST(ProcessesTest, TheCpuOfAChildThatEndedIsNotLost) {
  const double before = ReadCpuTimes(::getpid(), 0).server;
  const pid_t child = ::fork();
  if (child == 0) {
    Burn();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_GE(ReadCpuTimes(::getpid(), 0).server - before, 0.05);
}

TEST(ProcessesTest, SaysWhatMemoryAProcessHas) {
  EXPECT_GT(ResidentKilobytes(::getpid()), 1000);
  EXPECT_EQ(ResidentKilobytes(0), 0);
}

TEST(ProcessesTest, ALimitThatCannotBeRaisedIsAnErrorThatSaysWhatToDo) {
  try {
    AllowOpenFiles(std::size_t{1} << 40);  // beyond what the kernel has for anyone
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("ulimit -Hn"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace journeyfeed::bench
