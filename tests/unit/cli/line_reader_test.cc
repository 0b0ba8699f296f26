#include "cli/input/line_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "cli/input/file_io.h"
#include "tests/support/files.h"

namespace journeyfeed::cli {
namespace {

constexpr std::size_t kLongest = 100'000;

std::vector<InputLine> ReadLines(const std::string& content) {
  const journeyfeed::testing::TempDir folder;
  journeyfeed::testing::WriteFile(folder / "in", content);
  const FileDescriptor file(open((folder / "in").c_str(), O_RDONLY | O_CLOEXEC));
  LineReader reader(file.get(), "in", kLongest);
  std::vector<InputLine> lines;
  while (auto line = *reader.Next({})) lines.push_back(std::move(*line));
  EXPECT_EQ(reader.bytes_read(), static_cast<std::int64_t>(content.size()));
  return lines;
}

TEST(LineReader, NumbersLinesAndTakesALastOneWithoutEnd) {
  EXPECT_TRUE(ReadLines("").empty());
  const auto lines = ReadLines("a\n\nb");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1].text, "");
  EXPECT_EQ(lines[2].text, "b");
  EXPECT_EQ(lines[2].number, 3);
  EXPECT_EQ(ReadLines("a\n").size(), 1u);
}

TEST(LineReader, JoinsBlocksAndPassesOverWhatIsTooLong) {
  const std::string fits(kLongest, 'x');
  const auto lines = ReadLines(fits + "\n" + fits + "y\nz\n" + std::string(10 * kLongest, 'w'));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].text, fits);
  EXPECT_FALSE(lines[0].too_long);
  EXPECT_TRUE(lines[1].too_long);
  EXPECT_EQ(lines[1].text, "");
  EXPECT_EQ(lines[2].text, "z");
  EXPECT_TRUE(lines[3].too_long);
}

TEST(LineReader, EndsWhenItIsAskedToThoughThePipeIsSilent) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const FileDescriptor in(ends[0]), out(ends[1]);
  std::stop_source stop;
  const std::jthread asks([&] { stop.request_stop(); });
  LineReader reader(in.get(), "in", kLongest);
  EXPECT_FALSE((*reader.Next(stop.get_token())).has_value());
}

TEST(LineReader, NamesWhatItCannotRead) {
  const FileDescriptor folder(open("/", O_RDONLY | O_CLOEXEC));
  LineReader reader(folder.get(), "/", kLongest);
  const auto line = reader.Next({});
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().exit_code, 74);
  EXPECT_EQ(line.error().message, "cannot read /: Is a directory");
}

}  // namespace
}  // namespace journeyfeed::cli
