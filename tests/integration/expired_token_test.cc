// A token that is older than the kept log: the error names the oldest token that can be used.
#include <gtest/gtest.h>

#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

class ExpiredToken : public ::testing::Test {
 protected:
  ExpiredToken() {
    SessionClient client(server_.channel());
    for (int i = 0; i < 3; ++i) ids_.push_back(client.Create("target { " + kSession + " }")->id());
    old_ = Head();
    client.Update("target { id: '" + ids_[0] + "' name: 'removed with the log' }");
    // Does what rotation does a week later.
    for (const char* step : {"journeyfeed.close_log_partition(1::smallint, now() + interval '8 days')::text",
                             "journeyfeed.next_log_removal(1::smallint, '7 days', now() + interval '8 days')"}) {
      statement_ = Query(url_, std::string("select ") + step);
    }
    Query(url_, statement_);
    client.Update("target { id: '" + ids_[1] + "' name: 'kept' }");
  }
  std::string Head() {
    SessionChanges load(server_.channel(), "columns { paths: 'name' }");
    load.ReadAll();
    return load.token();
  }
  static std::string From(const std::string& token) {
    return "columns { paths: 'name' } data_version: " + Quote(token) + " ";
  }

  const std::string url_ = TheService().postgres.CreateDatabase("expired_" + std::to_string(++databases_));
  TestServer server_{url_};
  std::vector<std::string> ids_;
  std::string old_, statement_;
  static inline int databases_ = 0;
};

TEST_F(ExpiredToken, IsToldWithTheOldestUsableOne) {
  SessionChanges expired(server_.channel(), From(old_));
  EXPECT_FALSE(expired.Next());
  const Ending ending = expired.End();
  EXPECT_EQ(ending.code, grpc::StatusCode::OUT_OF_RANGE) << ending;
  EXPECT_EQ(ending.reason, "EXPIRED_VERSION_STAMP");
  EXPECT_EQ(ending.metadata.at("oldest_sequence_number"), "4");
  EXPECT_FALSE(ending.metadata.contains("oldest_position"));
  SessionChanges oldest(server_.channel(), From(ending.metadata.at("oldest_data_token")));
  std::vector<std::string> changed;
  for (const auto& response : oldest.ReadAll()) {
    for (const auto& change : response.changes()) changed.push_back(change.new_or_updated_entity().id());
  }
  EXPECT_TRUE(oldest.End().ok()) << oldest.End();
  EXPECT_EQ(changed, std::vector<std::string>{ids_[1]});
}

TEST_F(ExpiredToken, TheWindowSaysSo) {
  SessionClient client(server_.channel());
  const auto window = [&client](const std::string& request) {
    return client.Send(&sessions::JourneyRunSessionService::Stub::RetrieveChangeWindow,
                       Parse<sessions::RetrieveChangeWindowRequest>(request));
  };
  const auto expired = window(From(old_));
  EXPECT_EQ(expired.ending.code, grpc::StatusCode::OUT_OF_RANGE) << expired.ending;
  EXPECT_FALSE(expired.ending.metadata.contains("oldest_position"));
  const auto oldest = window(From(expired.ending.metadata.at("oldest_data_token")));
  ASSERT_TRUE(oldest.ok()) << oldest.ending;
  EXPECT_EQ(oldest->pending_changes(), 1);
  EXPECT_EQ(oldest->oldest_data_token(), expired.ending.metadata.at("oldest_data_token"));
}

TEST_F(ExpiredToken, ATimeFromWhichChangesAreRemovedIsExpired) {
  const std::string columns = "columns { paths: 'name' } ";
  const std::string removed =
      Query(url_, "select floor(extract(epoch from removed_at))::bigint from journeyfeed.feed_floor where entity = 1");
  SessionChanges expired(server_.channel(), columns + "changed_since { seconds: " + removed + " }");
  EXPECT_FALSE(expired.Next());
  EXPECT_EQ(expired.End().reason, "EXPIRED_VERSION_STAMP") << expired.End();
  EXPECT_TRUE(expired.End().metadata.contains("oldest_data_token"));
  SessionChanges again(server_.channel(),
                       columns + "on_expired: ON_EXPIRED_RESYNC changed_since { seconds: " + removed + " }");
  const auto first = again.Next();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->resync());
  EXPECT_EQ(first->phase(), entity::v1::CHANGE_PHASE_INITIAL_LOAD);

  // A moment after the newest removed change nothing is missing. An old database does not know when that was.
  const std::string after = Query(url_,
                                  "select ceil(extract(epoch from removed_at + interval '1 s'))::bigint from"
                                  " journeyfeed.feed_floor where entity = 1");
  SessionChanges kept(server_.channel(), columns + "changed_since { seconds: " + after + " }");
  kept.ReadAll();
  EXPECT_TRUE(kept.End().ok()) << kept.End();
  Query(url_, "update journeyfeed.feed_floor set removed_at = null where entity = 1");
  SessionChanges unknown(server_.channel(), columns + "changed_since { seconds: " + removed + " }");
  EXPECT_FALSE(unknown.Next());
  EXPECT_EQ(unknown.End().reason, "EXPIRED_VERSION_STAMP") << unknown.End();
}

TEST_F(ExpiredToken, LoadsAgainInTheSameStreamWhenAskedTo) {
  SessionChanges again(server_.channel(), From(old_) + "on_expired: ON_EXPIRED_RESYNC");
  std::size_t changes = 0;
  for (const auto& response : again.ReadAll()) changes += static_cast<std::size_t>(response.changes_size());
  EXPECT_TRUE(again.End().ok()) << again.End();
  EXPECT_EQ(changes, 3U);
}

}  // namespace
}  // namespace journeyfeed::testing
