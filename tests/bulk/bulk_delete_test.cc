// What BulkDelete deletes, counts and reports, and how it ends.
#include <csignal>

#include "tests/bulk/deletions.h"
#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

class BulkDelete : public DeletionTest {};

TEST_F(BulkDelete, TheSessionsOfARunAndTheFeedShowsEach) {
  Fill(20, "other");
  const auto ids = Fill(300, "doomed");
  const std::string token = SessionHead(server_.channel());
  SessionDeletion deletion(server_.channel(), "filter: \"msdynmkt_journeyrunid eq 'Doomed'\"");
  const auto messages = deletion.ReadAll();
  ASSERT_TRUE(deletion.End().ok()) << deletion.End();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].progress().remaining_estimate(), 300 - messages[0].progress().deleted_count());
  const auto& last = messages.back();
  EXPECT_TRUE(last.done());
  EXPECT_FALSE(last.has_stream_end());
  EXPECT_EQ(last.progress().deleted_count(), 300);
  EXPECT_EQ(last.progress().failed_count(), 0);
  EXPECT_EQ(last.progress().remaining_estimate(), 0);
  EXPECT_EQ(Sessions(), "20");

  SessionChanges changes(server_.channel(), "data_version: " + Quote(token));
  std::set<std::string> deleted;
  for (const auto& response : changes.ReadAll()) {
    for (const auto& change : response.changes()) {
      EXPECT_EQ(change.message(), entity::v1::MESSAGE_NAME_DELETE);
      deleted.insert(change.removed_item().id());
    }
  }
  EXPECT_EQ(deleted, std::set<std::string>(ids.begin(), ids.end()));
  EXPECT_EQ(Ask("select string_agg(distinct concat_ws('/', message, parent_message, depth), ' ') from "
                "journeyfeed.journey_run_session_log where message = 4"),
            "4/12/2");
  // A read with the token sees the deletion.
  sessions::RetrieveMultipleRequest read;
  read.set_session_token(last.session_token());
  EXPECT_EQ(client_.Send(&sessions::JourneyRunSessionService::Stub::RetrieveMultiple, read)->entities_size(), 20);
}

TEST_F(BulkDelete, TenThousandWithProgress) {
  Fill(10'000, "doomed");
  Fill(1, "other");
  SessionDeletion deletion(server_.channel(), "filter: \"journey_run_id eq 'doomed'\"");
  std::int64_t deleted = 0, remaining = 10'001;
  const auto messages = deletion.ReadAll();
  ASSERT_TRUE(deletion.End().ok()) << deletion.End();
  for (const auto& message : messages) {
    EXPECT_GT(message.progress().deleted_count(), deleted);
    EXPECT_LE(message.progress().deleted_count() - deleted, 512) << "a batch is bounded";
    EXPECT_LT(message.progress().remaining_estimate(), remaining);
    EXPECT_EQ(message.done(), &message == &messages.back());
    deleted = message.progress().deleted_count();
    remaining = message.progress().remaining_estimate();
  }
  EXPECT_EQ(deleted, 10'000);
  EXPECT_EQ(Sessions(), "1");
  EXPECT_EQ(Deletions(), "10000");
}

TEST_F(BulkDelete, NothingToDo) {
  Fill(3, "other");
  SessionDeletion deletion(server_.channel(), "filter: \"journey_run_id eq 'doomed'\"");
  const auto messages = deletion.ReadAll();
  EXPECT_TRUE(deletion.End().ok()) << deletion.End();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_TRUE(messages[0].done());
  EXPECT_EQ(messages[0].progress().deleted_count(), 0);
  EXPECT_EQ(messages[0].session_token(), "");
}

TEST_F(BulkDelete, ADryRunOnlyCounts) {
  Fill(5'400, "doomed");
  Fill(10, "other");
  const std::string before = StateOf(url_);
  SessionDeletion deletion(server_.channel(), "filter: \"journey_run_id eq 'doomed'\" dry_run: true");
  const auto messages = deletion.ReadAll();
  ASSERT_TRUE(deletion.End().ok()) << deletion.End();
  EXPECT_EQ(messages.back().progress().deleted_count(), 5'400);
  EXPECT_TRUE(messages.back().done());
  EXPECT_EQ(messages.front().progress().remaining_estimate(), 5'400 - messages.front().progress().deleted_count());
  EXPECT_EQ(StateOf(url_), before);
}

TEST_F(BulkDelete, AllOfAPartition) {
  Fill(30, "r", "here");
  Fill(30, "r", "Here");
  const auto own = Fill(1, "r");
  SessionDeletion deletion(server_.channel(), "all: true partition_id: 'here'");
  EXPECT_EQ(deletion.ReadAll().back().progress().deleted_count(), 30);
  EXPECT_EQ(Sessions("partition_id = 'here'"), "0");
  SessionDeletion single(server_.channel(), "all: true partition_id: '" + own[0] + "'");
  EXPECT_EQ(single.ReadAll().back().progress().deleted_count(), 1) << "a record without a partition has its id's";
  SessionDeletion all(server_.channel(), "all: true");
  EXPECT_EQ(all.ReadAll().back().progress().deleted_count(), 30);
  EXPECT_EQ(Sessions(), "0");
}

TEST_F(BulkDelete, OfJourneys) {
  JourneyClient client(server_.channel());
  ASSERT_TRUE(
      client.Send(&journeys::CustomerJourneyService::Stub::CreateMultiple, CreateMany<OfJourneys>(600, "j")).ok());
  JourneyDeletion deletion(server_.channel(), "filter: \"name ne 'j 7' and statuscode eq 192350000\"");
  const auto messages = deletion.ReadAll();
  ASSERT_TRUE(deletion.End().ok()) << deletion.End();
  EXPECT_EQ(messages.back().progress().deleted_count(), 599);
  EXPECT_EQ(Ask("select string_agg(name, ' ') from journeyfeed.customer_journey"), "j 7");
  EXPECT_EQ(Ask("select count(*) from journeyfeed.customer_journey_log where parent_message = 12"), "599");
}

// An expired session is absent; one with a creation time in the past or future exists.
TEST_F(BulkDelete, CountsWhatIsThereWhateverTimeItSays) {
  ASSERT_TRUE(client_.Create("target { " + kSession + " ttl_in_seconds: 1 }").ok());
  for (const char* seconds : {"-1000000000", "4000000000"}) {
    const auto created =
        client_.Create("target { " + kSession + " overridden_created_on { seconds: " + seconds + " } }");
    ASSERT_TRUE(created.ok()) << created.ending;
  }
  ASSERT_TRUE(Eventually([&] {
    return Ask("select clock_timestamp() > min(created_on) filter (where "
               "overridden_created_on is null) + interval '1 second' from "
               "journeyfeed.journey_run_session") != "f";  // null if it was swept already
  }));
  SessionDeletion deletion(server_.channel(), "all: true");
  EXPECT_EQ(deletion.ReadAll().back().progress().deleted_count(), 2);
}

TEST_F(BulkDelete, ACancelledCallFinishesItsBatchAndNoMore) {
  Fill(3'000, "doomed");
  SessionDeletion deletion(server_.channel(), "all: true");
  ASSERT_TRUE(deletion.Next());
  HeldWrites held(url_);
  const int before = std::stoi(Deletions());
  ASSERT_TRUE(held.AwaitWaiting(1));
  deletion.Cancel();
  EXPECT_EQ(deletion.End().code, grpc::StatusCode::CANCELLED);
  const auto logged = [&] {
    const std::string log = server_.process().log();
    return log.find("/BulkDelete") != std::string::npos && log.find("CANCELLED") != std::string::npos;
  };
  EXPECT_TRUE(Eventually(logged)) << server_.process().log();
  held.Release();
  // Ends when nothing is in flight.
  EXPECT_EQ(server_.process().Terminate(), 0);
  const int after = std::stoi(Deletions());
  EXPECT_GE(after, before);
  EXPECT_LE(after - before, 512);
  EXPECT_EQ(std::stoi(Sessions()), 3'000 - after) << "what is gone is what the log says";
}

TEST_F(BulkDelete, StopsAtItsDeadline) {
  Fill(3'000, "doomed");
  HeldWrites held(url_);
  SessionDeletion deletion(server_.channel(), "all: true", std::chrono::milliseconds(1500));
  ASSERT_TRUE(held.AwaitWaiting(1));
  EXPECT_FALSE(deletion.Next());
  EXPECT_EQ(deletion.End().code, grpc::StatusCode::DEADLINE_EXCEEDED);
  held.Release();
  EXPECT_EQ(server_.process().Terminate(), 0);
  EXPECT_GE(std::stoi(Sessions()), 3'000 - 512);
}

TEST_F(BulkDelete, ADrainEndsItAfterItsBatchAndTheNextServerGoesOn) {
  Fill(3'000, "doomed");
  SessionDeletion deletion(server_.channel(), "all: true");
  ASSERT_TRUE(deletion.Next());
  HeldWrites held(url_);
  ASSERT_TRUE(held.AwaitWaiting(1));
  ::kill(server_.process().pid(), SIGTERM);
  ASSERT_TRUE(Eventually([&] { return server_.process().log().find("ending streams") != std::string::npos; }));
  held.Release();
  const auto messages = deletion.ReadAll();
  ASSERT_TRUE(deletion.End().ok()) << deletion.End();
  ASSERT_FALSE(messages.empty());
  const auto& last = messages.back();
  EXPECT_FALSE(last.done());
  EXPECT_EQ(last.stream_end().reason(), entity::v1::StreamEnd::REASON_DRAIN);
  EXPECT_EQ(server_.process().Wait(), 0);
  EXPECT_EQ(std::to_string(last.progress().deleted_count()), Deletions());
  EXPECT_EQ(last.progress().remaining_estimate(), 3'000 - last.progress().deleted_count());

  TestServer next(url_);
  SessionDeletion rest(next.channel(), "all: true");
  EXPECT_EQ(rest.ReadAll().back().progress().deleted_count(), last.progress().remaining_estimate());
  EXPECT_EQ(Sessions(), "0");
}

}  // namespace
}  // namespace journeyfeed::testing
