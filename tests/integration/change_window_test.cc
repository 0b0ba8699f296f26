// Where a feed begins and ends: RetrieveChangeWindow, and streams that start at a time or show the caller's own write.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

using google::protobuf::Timestamp;

std::string At(const Timestamp& time) { return " changed_since { " + time.ShortDebugString() + " } "; }

Timestamp Later(Timestamp time, int seconds) {
  time.set_seconds(time.seconds() + seconds);
  return time;
}

class ChangeWindow : public ::testing::Test {
 protected:
  auto Window(const std::string& request) {
    return client_.Send(&sessions::JourneyRunSessionService::Stub::RetrieveChangeWindow,
                        Parse<sessions::RetrieveChangeWindowRequest>(request));
  }
  std::string Create(const std::string& more = "") {
    return client_.Create("target { " + kSession + more + " }")->id();
  }
  // Ids of the changes of a finite stream.
  std::vector<std::string> Ids(const std::string& request) {
    std::vector<std::string> ids;
    SessionChanges stream(server_.channel(), request);
    for (const auto& response : stream.ReadAll()) {
      EXPECT_EQ(response.phase(), entity::v1::CHANGE_PHASE_CHANGES);
      for (const auto& change : response.changes()) ids.push_back(change.new_or_updated_entity().id());
    }
    EXPECT_TRUE(stream.End().ok()) << stream.End();
    return ids;
  }

  TestServer server_{TheService().postgres.CreateDatabase("window_" + std::to_string(++databases_))};
  SessionClient client_{server_.channel()};
  static inline int databases_ = 0;
};

TEST_F(ChangeWindow, OfAnEmptyLog) {
  const auto window = Window("");
  ASSERT_TRUE(window.ok()) << window.ending;
  EXPECT_FALSE(window->has_oldest_time());
  EXPECT_FALSE(window->has_newest_time());
  EXPECT_FALSE(window->has_pending_changes());
  EXPECT_GT(window->as_of().seconds(), 0);
  const std::string id = Create();
  for (const auto& token : {window->oldest_data_token(), window->newest_data_token()}) {
    EXPECT_EQ(Ids("data_version: " + Quote(token)), std::vector<std::string>{id});
  }
}

TEST_F(ChangeWindow, ItsTokensContinueThere) {
  const std::vector<std::string> before = {Create(), Create()};
  const std::string view = "columns { paths: 'name' } ";
  const auto window = Window(view);
  ASSERT_TRUE(window.ok()) << window.ending;
  const std::string after = Create();
  EXPECT_EQ(Ids(view + "data_version: " + Quote(window->newest_data_token())), std::vector<std::string>{after});
  EXPECT_EQ(Ids(view + "data_version: " + Quote(window->oldest_data_token())),
            (std::vector<std::string>{before[0], before[1], after}));
  const auto other = Window("data_version: " + Quote(window->newest_data_token()));
  EXPECT_EQ(other.ending.reason, "FEED_TOKEN_VIEW_MISMATCH") << other.ending;
}

TEST_F(ChangeWindow, CountsWhatFollowsAToken) {
  Create();
  const std::string all = Window("")->newest_data_token();
  const std::string part = Window("partition_id: 'a'")->newest_data_token();
  const auto nothing = Window("data_version: " + Quote(all));
  ASSERT_TRUE(nothing.ok()) << nothing.ending;
  EXPECT_TRUE(nothing->has_pending_changes());
  EXPECT_EQ(nothing->pending_changes(), 0);
  EXPECT_FALSE(nothing->has_lag());
  Create("partition_id: 'a'");
  for (int i = 0; i < 4; ++i) Create("partition_id: 'b'");
  const auto window = Window("data_version: " + Quote(all));
  EXPECT_EQ(window->pending_changes(), 5);
  EXPECT_FALSE(window->pending_changes_limit_exceeded());
  EXPECT_TRUE(window->has_lag());
  EXPECT_LE(window->newest_time().seconds(), window->as_of().seconds());
  EXPECT_EQ(Window("partition_id: 'a' data_version: " + Quote(part))->pending_changes(), 1);
}

TEST_F(ChangeWindow, JourneysHaveOneToo) {
  JourneyClient journeys(server_.channel());
  const auto window = journeys.Send(&journeys::CustomerJourneyService::Stub::RetrieveChangeWindow,
                                    Parse<journeys::RetrieveChangeWindowRequest>(""));
  ASSERT_TRUE(window.ok()) << window.ending;
  EXPECT_FALSE(window->newest_data_token().empty());
}

TEST_F(ChangeWindow, AStreamStartsWithTheFirstCallAtOrAfterATime) {
  const std::string first = Create();
  auto request = Parse<sessions::CreateMultipleRequest>("");
  for (int i = 0; i < 3; ++i) ParseText(kSession, *request.add_targets());
  ASSERT_TRUE(client_.Send(&sessions::JourneyRunSessionService::Stub::CreateMultiple, request).ok());
  const std::string last = Create();

  std::vector<sessions::EntityChange> changes;
  SessionChanges stream(server_.channel(), "data_version: " + Quote(Window("")->oldest_data_token()));
  for (const auto& response : stream.ReadAll())
    changes.insert(changes.end(), response.changes().begin(), response.changes().end());
  ASSERT_EQ(changes.size(), 5U);
  std::vector<std::string> ids;
  for (const auto& change : changes) ids.push_back(change.new_or_updated_entity().id());
  const auto from = [&ids](std::ptrdiff_t at) { return std::vector<std::string>(ids.begin() + at, ids.end()); };

  EXPECT_EQ(Ids(At(changes[0].commit_time())), ids);
  EXPECT_EQ(Ids(At(Later(changes[0].commit_time(), -3600))), ids);
  for (const std::size_t of_the_call : {1U, 2U, 3U}) EXPECT_EQ(Ids(At(changes[of_the_call].commit_time())), from(1));
  EXPECT_EQ(Ids(At(changes[4].commit_time())), from(4));
  Timestamp after = changes[4].commit_time();
  after.set_nanos(after.nanos() + 1000);
  EXPECT_EQ(Ids(At(after)), from(5));
  EXPECT_EQ(Ids(At(Later(after, 30))), from(5)) << "a caller's clock may be ahead";
  // Beside a token the time means nothing, so that a request can be repeated with the newest token.
  EXPECT_EQ(Ids(At(changes[0].commit_time()) + "data_version: " + Quote(stream.token())), from(5));
}

TEST_F(ChangeWindow, ManyChangesAreSearchedForTheTime) {
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(Create());
  std::vector<Timestamp> times;
  SessionChanges stream(server_.channel(), "data_version: " + Quote(Window("")->oldest_data_token()));
  for (const auto& response : stream.ReadAll())
    for (const auto& change : response.changes()) times.push_back(change.commit_time());
  ASSERT_EQ(times.size(), ids.size());
  for (std::size_t at = 0; at < ids.size(); at += 7) {
    EXPECT_EQ(Ids(At(times[at])).size(), ids.size() - at) << at;
  }
}

TEST_F(ChangeWindow, AStreamShowsTheCallersOwnWrite) {
  const auto written = client_.Create("target { " + kSession + " }");
  const auto ids = Ids("session_token: " + Quote(written->session_token()) +
                       " data_version: " + Quote(Window("")->oldest_data_token()));
  EXPECT_EQ(ids, std::vector<std::string>{written->id()});
}

}  // namespace
}  // namespace journeyfeed::testing
