// Many stale tokens at once: all are answered soon, and the feed lock is taken rarely.
#include <gmock/gmock.h>

#include <future>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "storage/postgres/feed/feed_lock_question.h"
#include "tests/history/clients.h"
#include "tests/history/node.h"
#include "tests/integration/service.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_consumer.h"
#include "tests/support/feed_database.h"
#include "tests/support/server_process.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
namespace session = journeyrunsession::v1;
using postgres::FeedLockQuestion;

TEST(FeedLockQuestionTest, OneTakingAnswersForAllThatWereShownBefore) {
  FeedLockQuestion question;
  const auto position = [](std::int64_t number) {
    return postgres::Position{.history = 1, .high_water = number, .high_water_nonce = number};
  };
  const auto now = [] { return FeedLockQuestion::Clock::now(); };
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(question.Settled(Sessions(), position(i), now()));
  ASSERT_TRUE(question.Ask(Sessions()));
  EXPECT_FALSE(question.Ask(Sessions())) << "one at a time";
  // Shown while the lock is being taken: it may stem from a commit later than the lock.
  EXPECT_FALSE(question.Settled(Sessions(), position(200), now()));
  const auto began_before = now();
  question.Asked(Sessions(), true);
  EXPECT_FALSE(question.Ask(Sessions())) << "not again at once";
  EXPECT_FALSE(question.Settled(Sessions(), position(1), began_before)) << "an older statement shows nothing";
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(question.Settled(Sessions(), position(i), now())) << i;
  EXPECT_FALSE(question.Settled(Sessions(), position(200), now()));
  EXPECT_FALSE(question.Settled(Sessions(), position(300), now()));
}

TEST(FeedLockQuestionTest, ALockThatWasNotObtainedSettlesNothing) {
  FeedLockQuestion question;
  const postgres::Position position{.history = 1, .high_water = 5};
  EXPECT_FALSE(question.Settled(Sessions(), position, FeedLockQuestion::Clock::now()));
  ASSERT_TRUE(question.Ask(Sessions()));
  question.Asked(Sessions(), false);
  EXPECT_FALSE(question.Settled(Sessions(), position, FeedLockQuestion::Clock::now()));
}

// The volume was set back while no server ran, and there are no writes: only the question under the lock can tell.
TEST(StaleTokens, AreAllAnsweredSoon) {
  Node node(Node::Fresh());
  node.Start();
  MakeFeed(node);
  const FeedDatabase database(node.url());
  auto writer = std::make_unique<WriteConnection>(database);
  writer->Write(UpsertRow(Key(1), "kept"));
  writer.reset();
  node.Stop();
  const Node saved(Node::CopyOf(node));
  node.Start();
  writer = std::make_unique<WriteConnection>(database);
  std::vector<std::string> tokens;
  auto server =
      std::make_unique<ServerProcess>(std::vector<std::string>{"--database-url", node.url(), "--log-level", "warning"});
  ASSERT_TRUE(Eventually([&] { return IsServing(Connect(server->address())); }, 30s)) << server->log();
  for (int i = 0; i < 100; ++i) {
    writer->Write(UpsertRow(Key(1), "lost"));
    FeedConsumer follower(node.url());
    ASSERT_TRUE(follower
                    .Follow(ConnectTo({server->address()}), {.follow = false},
                            [](const auto&) { return FeedConsumer::Next::kGoOn; })
                    .ok());
    tokens.push_back(follower.token());
  }
  writer.reset();
  server.reset();
  node.Kill9();
  node.RunCommand({"/bin/rm", "-rf", node.data().string()});
  node.RunCommand({"/bin/cp", "-a", saved.data().string(), node.data().string()});
  node.Start();
  server =
      std::make_unique<ServerProcess>(std::vector<std::string>{"--database-url", node.url(), "--log-level", "warning"});
  const auto channel = ConnectTo({server->address()});
  ASSERT_TRUE(Eventually([&] { return IsServing(Connect(server->address())); }, 30s)) << server->log();
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::future<grpc::Status>> answers;
  for (const std::string& token : tokens) {
    answers.push_back(std::async(std::launch::async, [&channel, token] {
      const auto stub = session::JourneyRunSessionService::NewStub(channel);
      grpc::ClientContext context;
      context.set_wait_for_ready(true);
      context.set_deadline(std::chrono::system_clock::now() + 30s);
      session::RetrieveEntityChangesRequest request;
      request.set_data_version(token);
      request.set_follow(true);
      const auto stream = stub->RetrieveEntityChanges(&context, request);
      session::RetrieveEntityChangesResponse response;
      while (stream->Read(&response)) continue;
      return stream->Finish();
    }));
  }
  int changed = 0;
  for (auto& answer : answers) {
    const grpc::Status status = answer.get();
    if (ReasonOf(status) == "FEED_HISTORY_CHANGED")
      ++changed;
    else
      ADD_FAILURE() << status.error_code() << " " << status.error_message();
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  // One answer per second, as in an earlier version, would exceed the deadline of these calls.
  std::cout << changed << " stale tokens were answered in " << took.count() << " ms\n";
}

}  // namespace
}  // namespace journeyfeed::testing
