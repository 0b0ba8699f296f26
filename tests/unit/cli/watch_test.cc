#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/files.h"
#include "tests/unit/cli/fake_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using journeyfeed::testing::ReadFile;
using journeyfeed::testing::TempDir;
using journeyfeed::testing::WriteFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Request = FakeSessions::Request;
using Response = FakeSessions::Response;
using Writer = FakeSessions::Writer;

class Watch : public ::testing::Test {
 protected:
  Ran Journeyctl(Arguments arguments, std::stop_token stop = {}) {
    arguments.insert(arguments.begin(), {"watch", "session"});
    arguments.insert(arguments.end(), {"--address", service_.address});
    return RunCli(arguments, "", stop);
  }

  std::string TokenFile() const { return folder_ / "token"; }

  static std::vector<int> Versions(const Ran& ran) {
    std::vector<int> versions;
    for (const auto& line : ran.lines()) versions.push_back(line.at("version_number"));
    return versions;
  }

  TempDir folder_;
  FakeService service_;
};

TEST_F(Watch, AChangeIsALine) {
  service_.sessions.stream = [](int, const Request&, Writer& writer, grpc::ServerContext&) {
    Response message = Changes(4, 4);
    auto& removed = *message.add_changes();
    removed.mutable_removed_item()->set_id("6628bbf7-c52a-e911-a9b7-000d3a1e6adc");
    removed.mutable_removed_item()->set_partition_id("p");
    removed.set_message(entity::v1::MESSAGE_NAME_EXPIRE);
    removed.set_version_number(5);
    writer.Write(message);
    return grpc::Status::OK;
  };
  const Ran ran = Journeyctl({"--no-follow", "--all"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto lines = ran.lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], nlohmann::json::parse(R"({"change":"new_or_updated","phase":"changes",
      "id":"6628bbf7-c52a-e911-a9b7-000d3a1e6adc","partition_id":"6628bbf7-c52a-e911-a9b7-000d3a1e6adc",
      "version_number":4,"sequence_number":4,"message":"CreateMultiple","commit_time":"2023-11-14T22:13:20Z",
      "call_end":true,"entity":{"msdynmkt_journeyrunsessionid":"6628bbf7-c52a-e911-a9b7-000d3a1e6adc",
      "msdynmkt_name":"run","versionnumber":4}})"));
  EXPECT_EQ(lines[1]["change"], "removed");
  EXPECT_EQ(lines[1]["partition_id"], "p");
  EXPECT_EQ(lines[1]["message"], "Expire");
  EXPECT_FALSE(lines[1].contains("entity"));
  EXPECT_EQ(lines[2]["data_token"], "t4");
}

TEST_F(Watch, PassesOnWhatToSee) {
  service_.sessions.stream = [](int, const Request&, Writer&, grpc::ServerContext&) { return grpc::Status::OK; };
  ASSERT_EQ(Journeyctl({"--no-follow", "--skip-initial-load", "--columns", "name,msdynmkt_session", "--partition", "p",
                        "--progress-interval", "1500ms", "--on-expired", "resync", "--max-changes", "9"})
                .exit_code,
            0);
  const Request request = service_.sessions.requests().at(0);
  EXPECT_THAT(request.columns().paths(), ElementsAre("name", "msdynmkt_session"));
  EXPECT_EQ(request.partition_id(), "p");
  EXPECT_FALSE(request.follow());
  EXPECT_TRUE(request.skip_initial_load());
  EXPECT_EQ(request.progress_interval().seconds(), 1);
  EXPECT_EQ(request.progress_interval().nanos(), 500'000'000);
  EXPECT_EQ(request.on_expired(), entity::v1::ON_EXPIRED_RESYNC);
  EXPECT_EQ(request.max_changes(), 9);
}

TEST_F(Watch, KeepsItsPlaceAndGoesOnFromIt) {
  service_.sessions.stream = [](int, const Request& request, Writer& writer, grpc::ServerContext&) {
    const int from = request.data_version().empty() ? 0 : std::stoi(request.data_version().substr(1));
    writer.Write(Changes(from + 1, from + 2));
    return grpc::Status::OK;
  };
  EXPECT_THAT(Versions(Journeyctl({"--no-follow", "--skip-initial-load", "--token-file", TokenFile()})),
              ElementsAre(1, 2));
  EXPECT_EQ(ReadFile(TokenFile()), "t2\n");
  EXPECT_THAT(Versions(Journeyctl({"--no-follow", "--skip-initial-load", "--token-file", TokenFile()})),
              ElementsAre(3, 4));
  EXPECT_FALSE(service_.sessions.requests().at(1).skip_initial_load());
  EXPECT_EQ(Journeyctl({"--token-file", TokenFile(), "--token", "t1"}).exit_code, 64);
}

TEST_F(Watch, ReconnectsFromTheLastTokenWhenTheStreamEndsOrBreaks) {
  std::stop_source stop;
  service_.sessions.stream = [&](int call, const Request& request, Writer& writer, grpc::ServerContext& context) {
    switch (call) {
      case 0: {
        Response message = Changes(1, 2);
        message.mutable_stream_end()->set_reason(entity::v1::StreamEnd::REASON_DRAIN);
        message.mutable_stream_end()->mutable_reconnect_after()->set_nanos(1'000'000);
        writer.Write(message);
        return grpc::Status::OK;
      }
      case 1:
        EXPECT_EQ(request.data_version(), "t2");
        writer.Write(Changes(3, 3));
        return MakeError(grpc::StatusCode::UNAVAILABLE, "SERVICE_UNAVAILABLE", "gone", {});
      case 2:  // nothing came: the outage goes on, and is told once
        return MakeError(grpc::StatusCode::UNAVAILABLE, "SERVICE_UNAVAILABLE", "gone", {});
      case 3:  // an end without a reason
        EXPECT_EQ(request.data_version(), "t3");
        return grpc::Status::OK;
      default:
        writer.Write(Changes(4, 4));
        stop.request_stop();
        AwaitCancel(context);
        return grpc::Status::OK;
    }
  };
  const Ran ran = Journeyctl({"--token-file", TokenFile()}, stop.get_token());
  EXPECT_EQ(ran.exit_code, 0);
  // The stop may come before the last message; then its token is not saved either.
  EXPECT_THAT(Versions(ran), ::testing::AnyOf(ElementsAre(1, 2, 3, 4), ElementsAre(1, 2, 3)));
  EXPECT_EQ(ReadFile(TokenFile()), "t" + std::to_string(Versions(ran).back()) + "\n");
  EXPECT_EQ(ran.err, "journeyctl: UNAVAILABLE / SERVICE_UNAVAILABLE: gone; trying again\n");
}

TEST_F(Watch, CountsMaxChangesOverAllConnections) {
  service_.sessions.stream = [](int call, const Request& request, Writer& writer, grpc::ServerContext& context) {
    EXPECT_EQ(request.max_changes(), call == 0 ? 5 : 2);
    writer.Write(call == 0 ? Changes(1, 3) : Changes(4, 5));
    if (call == 0) return MakeError(grpc::StatusCode::UNAVAILABLE, "SERVICE_UNAVAILABLE", "", {});
    AwaitCancel(context);
    return grpc::Status::OK;
  };
  EXPECT_THAT(Versions(Journeyctl({"--max-changes", "5"})), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(Watch, GivesUpWhenThereWasNeverAService) {
  service_.sessions.stream = [](int, const Request&, Writer&, grpc::ServerContext&) {
    return MakeError(grpc::StatusCode::UNAVAILABLE, "SERVICE_UNAVAILABLE", "", {});
  };
  EXPECT_EQ(Journeyctl({}).exit_code, 14);
  EXPECT_EQ(service_.sessions.requests().size(), 4u);
}

TEST_F(Watch, AnExpiredTokenAndAChangedHistoryEndWithTheirCodes) {
  WriteFile(TokenFile(), "old\n");
  service_.sessions.stream = [](int call, const Request&, Writer&, grpc::ServerContext&) {
    return call == 0 ? MakeError(grpc::StatusCode::OUT_OF_RANGE, "EXPIRED_VERSION_STAMP", "too old", {})
                     : MakeError(grpc::StatusCode::FAILED_PRECONDITION, "FEED_HISTORY_CHANGED", "went back", {});
  };
  const Ran expired = Journeyctl({"--token-file", TokenFile()});
  EXPECT_EQ(expired.exit_code, 11);
  EXPECT_THAT(expired.err, HasSubstr("--on-expired resync"));
  const Ran changed = Journeyctl({"--token-file", TokenFile()});
  EXPECT_EQ(changed.exit_code, 9);
  EXPECT_THAT(changed.err, HasSubstr("remove the token file"));
  EXPECT_EQ(ReadFile(TokenFile()), "old\n");
}

TEST_F(Watch, AResyncIsMarked) {
  service_.sessions.stream = [](int, const Request&, Writer& writer, grpc::ServerContext&) {
    Response message = Changes(1, 1);
    message.set_resync(true);
    writer.Write(message);
    return grpc::Status::OK;
  };
  EXPECT_THAT(Journeyctl({"--no-follow", "--on-expired", "resync"}).out,
              ::testing::StartsWith("{\"change\":\"resync\"}\n{"));
}

TEST_F(Watch, APlaceThatCannotBeKeptEndsIt) {
  service_.sessions.stream = [](int, const Request&, Writer& writer, grpc::ServerContext& context) {
    writer.Write(Changes(1, 1));
    AwaitCancel(context);
    return grpc::Status::OK;
  };
  const Ran ran = Journeyctl({"--token-file", "/nowhere/token"});
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/token"));
}

}  // namespace
}  // namespace journeyfeed::cli::testing
