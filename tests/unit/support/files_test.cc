// Directories of tests: where they are, and that none is left behind.
#include "tests/support/files.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

namespace fs = std::filesystem;

// A separate process for GoesWithAProcessThatIsKilled.
TEST(TempDir, DISABLED_IsThereWhenItsProcessIsKilled) {
  const TempDir one, other;
  WriteFile(one / "file", "content");
  std::cout << "made " << one.path().string() << std::endl;
  ::kill(::getpid(), SIGKILL);
}

TEST(TempDir, GoesWithAProcessThatIsKilled) {
  const TempDir root;
  const std::string command = "TMPDIR='" + root.path().string() + "' '" + fs::read_symlink("/proc/self/exe").string() +
                              "' --gtest_also_run_disabled_tests --gtest_filter='*IsThereWhenItsProcessIsKilled'";
  FILE* const process = ::popen(command.c_str(), "r");
  ASSERT_NE(process, nullptr);
  std::string told;
  for (int c = std::fgetc(process); c != EOF; c = std::fgetc(process)) told.push_back(static_cast<char>(c));
  EXPECT_NE(::pclose(process), 0) << "it was killed";
  EXPECT_THAT(told, ::testing::HasSubstr("made " + root.path().string() + "/journeyfeed-test-dir-"));
  EXPECT_TRUE(Eventually([&] { return fs::is_empty(root.path()); }));
}

TEST(TempDir, GoesWithItsObject) {
  fs::path path;
  {
    const TempDir directory;
    path = directory.path();
    EXPECT_EQ(path.parent_path(), TempRoot());
    WriteFile(directory / "file", "content");
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace journeyfeed::testing
