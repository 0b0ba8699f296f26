// How one stream handles its pages: when it sends, waits, ends and gives up.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include "services/feed/view.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"
#include "tests/unit/feed/scripted_store.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
namespace pb = entity::v1;
using Request = StreamServer::Request;
using Responses = std::vector<StreamServer::Response>;

Request Following() {
  Request request;
  request.set_follow(true);
  request.mutable_progress_interval()->set_nanos(100'000'000);
  return request;
}

Request FollowingQuietly() {
  Request request = Following();
  request.mutable_progress_interval()->set_nanos(0);
  request.mutable_progress_interval()->set_seconds(3600);
  return request;
}

std::int64_t SeqOf(StreamServer& server, const StreamServer::Response& message) {
  const std::uint64_t all = feed::InTokens(Sessions(), {.all = true});
  const auto token = server.tokens().DecodeData(Sessions(), feed::ViewOf(all, {}), message.data_token());
  const auto position = token ? postgres::DecodePosition(*token) : std::unexpected(token.error());
  return position ? position->seq : -1;
}

TEST(ChangeStreamTest, AFiniteCallEndsAtTheFirstConsistentPositionAtOrAfterTheHeadOfItsArrival) {
  StreamServer server;
  server.store.Answer(PageAt(10, 30, 1));
  server.store.Answer(PageAt(30, 40, 1));  // the head at arrival, but not a consistent state
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
  EXPECT_EQ(messages.size(), 40U + 21U);  // up to the head at arrival, and 20 after the page that reached it
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

TEST(ChangeStreamTest, AFollowerIsNotToldOfCommitsThatItIsNotShown) {
  StreamServer server;
  server.store.Answer(PageAt(10, 10, 1));
  for (const int seq : {20, 30, 40}) server.store.Answer(PageAt(seq, seq));
  server.store.Answer(PageAt(50, 50, 1));
  server.feed().OnCommit(Sessions(), 50);
  Responses messages;
  server.Read(FollowingQuietly(), messages, [](const Responses& seen) { return seen.size() == 2; });
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[1].changes_size(), 1);
  EXPECT_EQ(SeqOf(server, messages[1]), 50);
}

TEST(ChangeStreamTest, AFollowerIsToldOnceThatNothingFollows) {
  StreamServer server;
  for (const int seq : {10, 20, 30}) server.store.Answer(PageAt(seq, 30));
  server.store.Answer(PageAt(40, 60, 1));
  for (const int seq : {50, 60}) server.store.Answer(PageAt(seq, 60));
  for (const int seq : {70, 80}) server.store.Answer(PageAt(seq, seq));
  server.store.Answer(PageAt(90, 90, 1));
  server.feed().OnCommit(Sessions(), 90);
  Responses messages;
  server.Read(FollowingQuietly(), messages, [](const Responses& seen) { return seen.size() == 4; });
  std::vector<std::int64_t> told;
  for (const auto& message : messages) told.push_back(SeqOf(server, message));
  EXPECT_THAT(told, ElementsAre(30, 40, 60, 90));
  EXPECT_FALSE(messages[0].more_records());
  EXPECT_TRUE(messages[1].more_records());
  EXPECT_FALSE(messages[2].more_records());
}

// A change whose call has not ended, then `second`, then a change at 40. Returns where the messages between them are,
// and whether they say that a call ended.
std::vector<std::pair<std::int64_t, bool>> ToldBetween(bool open, ChangePage second) {
  StreamServer server;
  ChangePage first = PageAt(10, 40, 1);
  first.changes.back().call_end = first.call_end = !open;
  server.store.Answer(first);
  server.store.Answer(std::move(second));
  server.store.Answer(PageAt(40, 40, 1));
  Responses messages;
  EXPECT_TRUE(server.Read({}, messages).ok());
  EXPECT_GE(messages.size(), 2U);
  std::vector<std::pair<std::int64_t, bool>> told;
  for (std::size_t i = 1; i + 1 < messages.size(); ++i)
    told.emplace_back(SeqOf(server, messages[i]), messages[i].call_end());
  return told;
}

TEST(ChangeStreamTest, TheEndOfACallThatIsNotShownIsTold) {
  ChangePage page = PageAt(20, 40);
  page.ended_before = EndOf(15, 40);
  EXPECT_THAT(ToldBetween(true, page), ElementsAre(Pair(15, true)));
  EXPECT_THAT(ToldBetween(false, page), IsEmpty());
  page.ended_before = EndOf(20, 40);
  page.call_end = true;
  EXPECT_THAT(ToldBetween(true, page), ElementsAre(Pair(20, true)));
  EXPECT_THAT(ToldBetween(false, page), IsEmpty());
  page = PageAt(20, 40, 2);
  page.ended_before = EndOf(15, 40);
  EXPECT_THAT(ToldBetween(true, page), ElementsAre(Pair(15, true), Pair(20, false)));
  EXPECT_THAT(ToldBetween(false, page), ElementsAre(Pair(20, false)));
}

// A token says whether it is within a call, but not which changes were sent before it.
TEST(ChangeStreamTest, TheEndOfACallIsToldAfterATokenWithinIt) {
  for (const bool within : {true, false}) {
    StreamServer server;
    ChangePage page = PageAt(20, 20, 1);
    page.within_call = within;
    page.ended_before = EndOf(15, 20);
    server.store.Answer(page);
    const std::uint64_t all = feed::InTokens(Sessions(), {.all = true});
    Request request;
    request.set_data_version(server.tokens().EncodeData(Sessions(), feed::ViewOf(all, {}), EndOf(10, 10).position));
    Responses messages;
    ASSERT_TRUE(server.Read(request, messages).ok());
    EXPECT_EQ(messages.size(), within ? 2U : 1U);
    EXPECT_EQ(messages.front().call_end(), within);
    EXPECT_EQ(SeqOf(server, messages.front()), within ? 15 : 20);
  }
}

// A notification of a head that this server does not show (a database that was set back): the stream looks for it, but
// not in a busy loop.
TEST(ChangeStreamTest, AnAnnouncedHeadThatIsNotSeenIsLookedForAfterAPause) {
  StreamServer server;
  server.store.Answer(PageAt(10, 10, 1));
  server.store.Answer(PageAt(10, 10));
  server.feed().OnCommit(Sessions(), 50);
  std::jthread drain([&] {
    EXPECT_TRUE(Eventually([&] { return server.store.asked_at().size() >= 6; })) << "it is not looked for";
    server.lifetime().Drain();
  });
  Responses messages;
  EXPECT_TRUE(server.Read(FollowingQuietly(), messages).ok());
  drain.join();
  const auto asked = server.store.asked_at();
  for (std::size_t i = 2; i < asked.size(); ++i) EXPECT_GE(asked[i] - asked[i - 1], 100ms) << i;
}

TEST(ChangeStreamTest, AStreamThatTheServerEndsHasTheNewestToken) {
  StreamServer server;
  server.store.Answer(PageAt(10, 10, 1));
  server.store.Answer(PageAt(30, 30));
  server.feed().OnCommit(Sessions(), 40);
  std::jthread drain([&] {
    // A request for the third page means that the second one was processed.
    EXPECT_TRUE(Eventually([&] { return server.store.asked().size() >= 3; }));
    server.lifetime().Drain();
  });
  Responses messages;
  EXPECT_TRUE(server.Read(FollowingQuietly(), messages).ok());
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_TRUE(messages[1].has_stream_end());
  EXPECT_EQ(SeqOf(server, messages[1]), 30);
}

// The feed's own thread requests the second page, the thread of a commit the third stream's.
TEST(ChangeStreamTest, AnExceptionEndsItsStreamAndNoOther) {
  StreamServer server;
  server.store.Answer(PageAt(10, 10, 1));
  std::atomic<bool> broken = false;
  server.store.before_read = [&] {
    if (broken) throw std::runtime_error("a fault");
  };
  Responses messages;
  const auto breaks = [&](const Responses&) { return !(broken = true); };
  EXPECT_EQ(server.Read(Following(), messages, breaks).error_code(), grpc::StatusCode::INTERNAL);
  broken = false;
  EXPECT_TRUE(server.Read({}, messages).ok()) << "the feed goes on";
  const Request patient = FollowingQuietly();
  const auto commits = [&](const Responses&) {
    broken = true;
    server.feed().OnCommit(dictionary::Describe(journeyrunsession::v1::JourneyRunSession::descriptor()), 20);
    return false;
  };
  EXPECT_EQ(server.Read(patient, messages, commits).error_code(), grpc::StatusCode::INTERNAL);
}

// A stream that is woken asks the store for a page; the thread that committed must not do that.
TEST(ChangeStreamTest, ACommitDoesNotWaitForTheStreamsThatItWakes) {
  StreamServer server;
  server.store.Answer(PageAt(10, 10, 1));
  server.store.Answer(PageAt(20, 20, 1));
  std::promise<void> read, release;
  const auto released = release.get_future().share();
  server.store.before_read = [&, reads = 0]() mutable {
    if (++reads != 2) return;
    read.set_value();
    released.wait();
  };
  Responses messages;
  std::jthread reader(
      [&] { server.Read(FollowingQuietly(), messages, [](const Responses& seen) { return seen.size() == 2; }); });
  ASSERT_TRUE(Eventually([&] { return server.store.asked().size() == 1; }));
  const auto commit = std::async(std::launch::async, [&] { server.feed().OnCommit(Sessions(), 20); });
  read.get_future().wait();
  EXPECT_EQ(commit.wait_for(60s), std::future_status::ready);
  release.set_value();
  reader.join();
  EXPECT_EQ(messages.size(), 2U);
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
  EXPECT_EQ(asked[1].after, LoadPageAt(7, 1, 2).next.position);
  EXPECT_EQ(asked[3].after, ended.next.position);
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
  EXPECT_EQ(server.store.asked().back().after, PageAt(10, 20).next.position);
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
    StreamServer server(drained ? call::StreamLifetimeSettings{} : call::StreamLifetimeSettings{.mean = 1500ms});
    server.store.Answer(PageAt(10, 10, 1));
    Responses messages;
    const grpc::Status status = server.Read(Following(), messages, [&](const Responses& seen) {
      if (seen.size() == 1 && drained) server.lifetime().Drain();
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
