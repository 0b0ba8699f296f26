// What one stream makes of its pages: when it sends, waits, ends and gives up.
#include <gmock/gmock.h>

#include <thread>

#include "tests/unit/feed/scripted_store.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;
using Request = StreamServer::Request;
using Responses = std::vector<StreamServer::Response>;

Request Following() {
  Request request;
  request.set_follow(true);
  request.mutable_progress_interval()->set_nanos(100'000'000);
  return request;
}

TEST(ChangeStreamTest, AFiniteCallEndsAtTheFirstConsistentPositionAtOrAfterTheHeadOfItsArrival) {
  StreamServer server;
  server.store.Answer(PageAt(10, 30, 1));
  server.store.Answer(PageAt(30, 40, 1));  // the head of arrival, but not a state
  server.store.Answer(PageAt(45, 45, 1));
  Responses messages;
  EXPECT_TRUE(server.Read({}, messages).ok());
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_FALSE(messages[1].consistent());
  EXPECT_TRUE(messages[1].more_records());
  EXPECT_TRUE(messages[2].consistent());
  EXPECT_FALSE(messages[2].more_records());
}

TEST(ChangeStreamTest, AFiniteCallThatNeverGetsThereEndsAfterTwentyMorePages) {
  StreamServer server;
  for (int i = 0; i < 100; ++i) server.store.Answer(PageAt(10 + i, 50 + i, 1));
  Responses messages;
  EXPECT_TRUE(server.Read({}, messages).ok());
  ASSERT_FALSE(messages.empty());
  EXPECT_FALSE(messages.back().consistent());
  EXPECT_EQ(messages.size(), 40U + 21U);  // up to the head of arrival, and 20 after the page that reached it
}

TEST(ChangeStreamTest, PagesWithoutChangesAreSentOnlyAtTheEndOrWhenProgressIsDue) {
  StreamServer server;
  server.store.Answer(PageAt(10, 40, 1));
  server.store.Answer(PageAt(20, 40));
  server.store.Answer(PageAt(30, 40));
  server.store.Answer(PageAt(40, 40));
  Responses messages;
  EXPECT_TRUE(server.Read({}, messages).ok());
  EXPECT_EQ(messages.size(), 2U);
}

TEST(ChangeStreamTest, ProgressIsSentWhileNothingHappens) {
  StreamServer server;
  server.store.Answer(PageAt(10, 10, 1));
  server.store.Answer(PageAt(10, 10));
  Responses messages;
  server.Read(Following(), messages, [](const Responses& seen) { return seen.size() >= 3; });
  ASSERT_GE(messages.size(), 3U);
  EXPECT_TRUE(messages[1].changes().empty());
  EXPECT_EQ(messages[1].data_token(), messages[2].data_token());
  EXPECT_TRUE(messages[2].consistent());
  EXPECT_FALSE(messages[2].more_records());
}

TEST(ChangeStreamTest, TheNextPageStartsWhereTheLastOneEnded) {
  StreamServer server;
  server.store.Answer(LoadPageAt(7, 1, 2));
  server.store.Answer(LoadPageAt(7, 2, 2));
  ChangePage ended = PageAt(7, 9, 1);
  ended.load_ended = true;
  server.store.Answer(ended);
  server.store.Answer(PageAt(9, 9, 1));
  Responses messages;
  EXPECT_TRUE(server.Read({}, messages).ok());
  ASSERT_EQ(messages.size(), 4U);
  const auto asked = server.store.asked();
  ASSERT_EQ(asked.size(), 4U);
  EXPECT_FALSE(asked[0].after);
  EXPECT_EQ(asked[1].after->load->block, 1U);
  EXPECT_EQ(asked[3].after->seq, 7);
  EXPECT_EQ(messages[2].phase(), pb::CHANGE_PHASE_INITIAL_LOAD);
  EXPECT_EQ(messages[3].phase(), pb::CHANGE_PHASE_CHANGES);
  EXPECT_EQ(messages[2].progress().rows_done(), 21);
}

TEST(ChangeStreamTest, WhatPassesIsWaitedOutWithoutAGap) {
  StreamServer server;
  server.store.Answer(std::unexpected(Failing(pb::ERROR_REASON_SERVICE_UNAVAILABLE)));
  server.store.Answer(PageAt(10, 20, 1));
  server.store.Answer(std::unexpected(Failing(pb::ERROR_REASON_FEED_REPLICA_BEHIND)));
  server.store.Answer(std::unexpected(Failing(pb::ERROR_REASON_OVERLOADED)));
  server.store.Answer(PageAt(20, 20, 1));
  Responses messages;
  EXPECT_TRUE(server.Read({}, messages).ok());
  EXPECT_EQ(messages.size(), 2U);
  EXPECT_EQ(server.store.asked().back().after->seq, 10);
}

TEST(ChangeStreamTest, WhatDoesNotPassEndsTheCall) {
  for (const auto& [reason, code] :
       {std::pair(pb::ERROR_REASON_FEED_HISTORY_CHANGED, grpc::StatusCode::FAILED_PRECONDITION),
        std::pair(pb::ERROR_REASON_EXPIRED_VERSION_STAMP, grpc::StatusCode::OUT_OF_RANGE)}) {
    StreamServer server;
    server.store.Answer(PageAt(10, 20, 1));
    server.store.Answer(std::unexpected(Failing(reason)));
    Responses messages;
    EXPECT_EQ(server.Read({}, messages).error_code(), code);
    EXPECT_EQ(messages.size(), 1U);
  }
}

TEST(ChangeStreamTest, AServerThatNeverGetsThereIsUnavailableAfterThreeSeconds) {
  StreamServer server;
  server.store.Answer(std::unexpected(Failing(pb::ERROR_REASON_FEED_REPLICA_BEHIND)));
  Responses messages;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server.Read({}, messages).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 2900ms);
  EXPECT_LT(server.store.asked().size(), 40U) << "it asks again after a pause";
}

TEST(ChangeStreamTest, AnExpiredTokenLoadsAgainWhenAskedTo) {
  StreamServer server;
  server.store.Answer(PageAt(10, 20, 1));
  server.store.Answer(std::unexpected(Failing(pb::ERROR_REASON_EXPIRED_VERSION_STAMP)));
  server.store.Answer(LoadPageAt(30, 1, 2));
  ChangePage ended = PageAt(30, 30, 1);
  ended.load_ended = true;
  server.store.Answer(ended);
  Request request;
  request.set_on_expired(pb::ON_EXPIRED_RESYNC);
  Responses messages;
  EXPECT_TRUE(server.Read(request, messages).ok());
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_FALSE(messages[0].resync());
  EXPECT_TRUE(messages[1].resync());
  EXPECT_FALSE(messages[2].resync());
  EXPECT_FALSE(server.store.asked()[2].after);
}

TEST(ChangeStreamTest, MaxChangesEndsTheStreamWithMoreToCome) {
  StreamServer server;
  server.store.Answer(PageAt(3, 20, 3));
  server.store.Answer(PageAt(5, 20, 2));
  Request request = Following();
  request.set_max_changes(5);
  Responses messages;
  EXPECT_TRUE(server.Read(request, messages).ok());
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_TRUE(messages[1].more_records());
  EXPECT_EQ(server.store.asked()[1].max_changes, 2);
}

TEST(ChangeStreamTest, DrainedAndAgedStreamsEndWellWithTheirToken) {
  for (const bool drained : {true, false}) {
    StreamServer server(drained ? feed::FeedSettings{} : feed::FeedSettings{.stream_lifetime = 1500ms});
    server.store.Answer(PageAt(10, 10, 1));
    Responses messages;
    const grpc::Status status = server.Read(Following(), messages, [&](const Responses& seen) {
      if (seen.size() == 1 && drained) server.feed().Drain();
      return false;
    });
    EXPECT_TRUE(status.ok()) << status.error_message();
    ASSERT_GE(messages.size(), 2U);
    const auto& end = messages.back();
    EXPECT_EQ(end.stream_end().reason(), drained ? pb::StreamEnd::REASON_DRAIN : pb::StreamEnd::REASON_LIFETIME);
    EXPECT_EQ(end.data_token(), messages.front().data_token());
  }
}

}  // namespace
}  // namespace journeyfeed::testing
