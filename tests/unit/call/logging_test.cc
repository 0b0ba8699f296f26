#include "services/logging.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/unit/call/call_harness.h"

namespace journeyfeed {
namespace {

using testing::LogCapture;

TEST(Logging, LinesAreJsonWhateverIsInThem) {
  LogCapture log;
  const std::string nasty = "quote \" backslash \\ newline \n nul \0 bell \a é bad \xFF end";
  Log(LogLevel::kWarning, nasty,
      {{"text", nasty},
       {"count", std::int64_t{-7}},
       {"ratio", 0.1234567},
       {"flag", true},
       {"absent", ""},
       {"infinite", std::numeric_limits<double>::infinity()}});
  const auto lines = log.Lines();
  ASSERT_EQ(lines.size(), 1u);
  const auto& line = lines[0];
  EXPECT_THAT(line["ts"], ::testing::MatchesRegex(R"(....-..-..T..:..:..\.......Z)"));
  EXPECT_EQ(line["level"], "warning");
  EXPECT_THAT(line["text"].get<std::string>(), ::testing::HasSubstr("backslash \\ newline \n"));
  EXPECT_EQ(line["count"], -7);
  EXPECT_DOUBLE_EQ(line["ratio"].get<double>(), 0.123);
  EXPECT_EQ(line["flag"], true);
  EXPECT_TRUE(line["infinite"].is_null());
  EXPECT_FALSE(line.contains("absent"));
}

TEST(Logging, LevelsBelowTheLeastAreLeftOut) {
  LogCapture log(LogLevel::kWarning);
  Log(LogLevel::kInfo, "no");
  Log(LogLevel::kError, "yes");
  EXPECT_FALSE(LogEnabled(LogLevel::kInfo));
  ASSERT_EQ(log.Lines().size(), 1u);
  EXPECT_EQ(log.Lines()[0]["msg"], "yes");
}

TEST(Logging, LinesOfManyThreadsAreWhole) {
  LogCapture log;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) Log(LogLevel::kInfo, "line", {{"thread", std::int64_t{t}}});
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(log.Lines("line").size(), 2000u);
}

TEST(Logging, GrpcsOwnLogComesAsJsonAndIsLimited) {
  LogCapture log;
  const auto second = [] {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  const auto first = second();
  for (int i = 0; i < 1000; ++i) gpr_log(GPR_ERROR, "handshake \"failed\"");
  const auto seconds = static_cast<std::size_t>(second() - first + 1);
  const auto lines = log.Lines("grpc");
  ASSERT_FALSE(lines.empty());
  EXPECT_LE(lines.size(), 20 * seconds);
  EXPECT_EQ(lines[0]["text"], "handshake \"failed\"");
}

TEST(Logging, AReaderThatDoesNotReadHoldsUpNobody) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  StartLogging(LogLevel::kInfo, pipe[1]);
  const std::string text(1000, 'x');
  for (int i = 0; i < 10'000; ++i) Log(LogLevel::kInfo, text);  // 10 MB: more than pipe and buffer hold
  EXPECT_GT(DroppedLogLines(), 0u);
  std::string read;
  std::thread reader([&] {
    std::vector<char> buffer(1 << 16);
    ssize_t count = 0;
    while ((count = ::read(pipe[0], buffer.data(), buffer.size())) > 0) read.append(buffer.data(), count);
  });
  FlushLog();
  Log(LogLevel::kError, "and on");
  StartLogging(LogLevel::kInfo);
  ::close(pipe[1]);
  reader.join();
  ::close(pipe[0]);
  EXPECT_THAT(read, ::testing::HasSubstr(R"("msg":"log lines dropped","count":)"));
}

}  // namespace
}  // namespace journeyfeed
