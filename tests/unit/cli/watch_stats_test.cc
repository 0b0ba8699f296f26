#include "cli/client/watch_stats.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "cli/output/stats_line.h"
#include "tests/support/eventually.h"
#include "tests/unit/cli/fake_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using journeyfeed::testing::Eventually;
using journeyfeed::testing::ReadFile;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using StatsRequest = FakeSessions::Request;
using StatsWriter = FakeSessions::Writer;

StatsInterval Example() {
  StatsInterval interval;
  interval.before.changes = 1000;
  interval.before.bytes = 500;
  interval.after.changes = 4000;
  interval.after.bytes = 3'000'500;
  interval.after.connected = true;
  interval.after.reconnects = 1;
  interval.after.lag = milliseconds(20);
  interval.time = std::chrono::seconds(2);
  interval.now = client::FeedHealth::Time(std::chrono::seconds(1'700'000'000));
  interval.after.as_of = interval.now - milliseconds(300);
  return interval;
}

TEST(StatsLine, ForPeople) {
  StatsInterval interval = Example();
  EXPECT_EQ(StatsLine(interval, Format::kTable),
            "22:13:20  1,500 changes/s  1.5 MB/s  lag 0.02 s  as of 0.3 s ago  1 reconnect");
  interval.after.phase = entity::v1::CHANGE_PHASE_INITIAL_LOAD;
  EXPECT_THAT(StatsLine(interval, Format::kTable), HasSubstr("  initial load"));
  interval.after.connected = false;
  EXPECT_THAT(StatsLine(interval, Format::kTable), HasSubstr("  not connected"));
  EXPECT_THAT(TotalLine(interval, Format::kTable), HasSubstr("in all 3,000 changes in 2.0 s  1,500 changes/s"));
}

TEST(StatsLine, ForPrograms) {
  EXPECT_EQ(nlohmann::json::parse(StatsLine(Example(), Format::kJson)),
            nlohmann::json::parse(R"({"time":"2023-11-14T22:13:20Z","seconds":2.0,"changes":3000,
      "changes_per_second":1500.0,"bytes_per_second":1500000,"lag_seconds":0.02,"as_of_age_seconds":0.3,
      "connected":true,"initial_load":false,"reconnects":1,"resyncs":0})"));
  const auto nothing = nlohmann::json::parse(TotalLine({}, Format::kJson));
  EXPECT_TRUE(nothing["total"]);
  EXPECT_TRUE(nothing["lag_seconds"].is_null());
  EXPECT_EQ(nothing["changes_per_second"], 0);
}

class WatchStatsTest : public ::testing::Test {
 protected:
  FakeService service_;
};

TEST_F(WatchStatsTest, PrintsNoChangesAndATotal) {
  service_.sessions.stream = [](int call, const StatsRequest&, StatsWriter& writer, grpc::ServerContext&) {
    if (call == 0) return MakeError(grpc::StatusCode::UNAVAILABLE, "SERVICE_UNAVAILABLE", "gone");
    writer.Write(Changes(1, 7));
    return grpc::Status::OK;
  };
  const Ran ran = RunCli({"watch", "session", "--stats", "--no-follow", "--address", service_.address});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  ASSERT_EQ(ran.lines().size(), 1u) << ran.out;
  EXPECT_EQ(ran.lines()[0]["changes"], 7);
  EXPECT_EQ(ran.lines()[0]["reconnects"], 1);
  EXPECT_THAT(ran.err, HasSubstr("gone; trying again"));
  const Ran seen = RunCli({"watch", "session", "--stats", "--no-follow", "--address", service_.address}, "", {}, 80);
  EXPECT_THAT(seen.out, HasSubstr("in all 7 changes"));
  for (const char* other : {"--all", "--token-file=x"}) {
    EXPECT_EQ(RunCli({"watch", "session", "--stats", other, "--address", service_.address}).exit_code, 64) << other;
  }
}

TEST_F(WatchStatsTest, PrintsALineForEachInterval) {
  service_.sessions.stream = [](int, const StatsRequest&, StatsWriter& writer, grpc::ServerContext& context) {
    writer.Write(Changes(1, 7));
    AwaitCancel(context);
    return grpc::Status::OK;
  };
  const journeyfeed::testing::TempDir folder;
  const FileDescriptor file(open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  LineOutput lines(file.get());
  std::ostringstream notices;
  std::stop_source stop;
  std::jthread stopper([&] {
    EXPECT_TRUE(Eventually([&] { return std::ranges::count(ReadFile(folder / "out"), '\n') >= 3; }));
    stop.request_stop();
  });
  const auto client = MakeEntityClient("session", Connect(service_.address));
  EXPECT_TRUE(WatchStats(*client, {}, {.follow = true},
                         {.lines = lines, .notices = notices, .interval = milliseconds(20)}, stop.get_token()));
  const Ran ran{.exit_code = 0, .out = ReadFile(folder / "out"), .err = ""};
  int changes = 0;
  for (const auto& line : ran.lines()) changes += line.contains("total") ? 0 : line["changes"].get<int>();
  EXPECT_EQ(changes, 7) << "each is counted once: " << ran.out;
  EXPECT_TRUE(ran.lines().back()["total"]);
}

TEST_F(WatchStatsTest, AReaderThatWentAwayEndsIt) {
  service_.sessions.stream = [](int, const StatsRequest&, StatsWriter& writer, grpc::ServerContext& context) {
    writer.Write(Changes(1, 1));
    AwaitCancel(context);
    return grpc::Status::OK;
  };
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  close(ends[0]);
  const FileDescriptor file(ends[1]);
  const journeyfeed::testing::TempDir folder;
  CliProcess process({"watch", "session", "--stats", "--address", service_.address}, file.get(), folder / "errors");
  EXPECT_EQ(process.Wait(), 0);
  EXPECT_EQ(ReadFile(folder / "errors"), "");
}

}  // namespace
}  // namespace journeyfeed::cli::testing
