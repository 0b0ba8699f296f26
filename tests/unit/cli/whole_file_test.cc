#include "cli/input/whole_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/files.h"

namespace journeyfeed::cli {
namespace {

using journeyfeed::testing::ReadFile;
using journeyfeed::testing::TempDir;
using journeyfeed::testing::WriteFile;

std::size_t FilesIn(const TempDir& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(WholeFile, IsWhatItWasUntilItIsCommitted) {
  const TempDir folder;
  const std::size_t before = FilesIn(folder);
  WriteFile(folder / "f", "old");
  {
    auto file = WholeFile::Open(folder / "f");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->Write("new"));
    EXPECT_EQ(ReadFile(folder / "f"), "old");
    ASSERT_TRUE(file->Commit());
    EXPECT_EQ(ReadFile(folder / "f"), "new");
  }
  EXPECT_EQ(ReadFile(folder / "f"), "new");
  EXPECT_EQ(FilesIn(folder), before + 1);
}

TEST(WholeFile, LeavesNothingWhenItIsNotCommitted) {
  const TempDir folder;
  const std::size_t before = FilesIn(folder);
  {
    auto file = WholeFile::Open(folder / "f");
    ASSERT_TRUE(file && file->Write("half"));
  }
  EXPECT_EQ(FilesIn(folder), before);
}

TEST(WholeFile, FollowsALinkAndReplacesNoDevice) {
  const TempDir folder;
  WriteFile(folder / "target", "old");
  std::filesystem::create_symlink(folder / "target", folder / "link");
  auto file = WholeFile::Open(folder / "link");
  ASSERT_TRUE(file && file->Write("new") && file->Commit());
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(ReadFile(folder / "target"), "new");

  auto null = WholeFile::Open("/dev/null");
  ASSERT_TRUE(null && null->Write("x") && null->Commit());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(WholeFile, NamesWhereItCannotWrite) {
  const auto file = WholeFile::Open("/nonexistent/f");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().exit_code, 74);
  EXPECT_EQ(file.error().message, "cannot write /nonexistent/f: No such file or directory");
  auto full = WholeFile::Open("/dev/full");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->Write("x").error().message, "cannot write /dev/full: No space left on device");
}

}  // namespace
}  // namespace journeyfeed::cli
