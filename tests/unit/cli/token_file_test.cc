#include "cli/input/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/files.h"

namespace journeyfeed::cli::testing {
namespace {

using journeyfeed::testing::ReadFile;
using journeyfeed::testing::TempDir;
using journeyfeed::testing::WriteFile;

TEST(TokenFile, GivesBackWhatWasSaved) {
  const TempDir folder;
  const TokenFile file(folder / "token");
  EXPECT_EQ(*file.Load(), "");
  ASSERT_TRUE(file.Save("first"));
  ASSERT_TRUE(file.Save("second"));
  EXPECT_EQ(*file.Load(), "second");
  EXPECT_EQ(ReadFile(folder / "token"), "second\n");
}

TEST(TokenFile, AnEmptyFileIsNoToken) {
  const TempDir folder;
  WriteFile(folder / "token", "");
  EXPECT_EQ(*TokenFile(folder / "token").Load(), "");
}

TEST(TokenFile, RefusesAFileThatIsSomethingElse) {
  const TempDir folder;
  for (const std::string& content : {std::string("dear diary\n"), std::string("a\nb"), std::string(5000, 'x')}) {
    WriteFile(folder / "token", content);
    const auto loaded = TokenFile(folder / "token").Load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().exit_code, 64);
    EXPECT_EQ(ReadFile(folder / "token"), content);
  }
}

TEST(TokenFile, ASaveThatFailedLeavesTheOldToken) {
  const TempDir folder;
  const TokenFile file(folder / "token");
  ASSERT_TRUE(file.Save("old"));
  ASSERT_EQ(mkdir((folder / "token.new").c_str(), 0700), 0);
  const auto saved = file.Save("new");
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().exit_code, 74);
  EXPECT_EQ(*file.Load(), "old");
}

TEST(TokenFile, TheRestOfAKilledSaveIsNoObstacle) {
  const TempDir folder;
  const TokenFile file(folder / "token");
  ASSERT_TRUE(file.Save("old"));
  WriteFile(folder / "token.new", "ha");
  EXPECT_EQ(*file.Load(), "old");
  ASSERT_TRUE(file.Save("new"));
  EXPECT_EQ(*file.Load(), "new");
}

// A process that saves two tokens in turn is killed again and again: the file always has one of the two.
TEST(TokenFile, AKillLeavesTheOldOrTheNewToken) {
  const TempDir folder;
  const std::string tokens[] = {std::string(900, 'a'), std::string(2000, 'b')};
  const TokenFile file(folder / "token");
  ASSERT_TRUE(file.Save(tokens[0]));
  for (int round = 0; round < 60; ++round) {
    int saves[2];
    ASSERT_EQ(pipe(saves), 0);
    const pid_t saver = fork();
    if (saver == 0) {
      for (int i = 0;; ++i) {
        if (file.Save(tokens[i % 2])) (void)!write(saves[1], "s", 1);
      }
    }
    close(saves[1]);
    // It has saved, and is somewhere in its next save.
    char saved = 0;
    for (int i = 0; i <= round % 4; ++i) EXPECT_EQ(read(saves[0], &saved, 1), 1);
    kill(saver, SIGKILL);
    waitpid(saver, nullptr, 0);
    close(saves[0]);
    EXPECT_THAT(*file.Load(), ::testing::AnyOf(tokens[0], tokens[1]));
  }
}

}  // namespace
}  // namespace journeyfeed::cli::testing
