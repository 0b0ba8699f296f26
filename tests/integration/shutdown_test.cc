// SIGTERM: not ready, streams end with their token, calls in flight finish, exit 0.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/database_connection.h"
#include "tests/integration/streams.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

// What does not wait for the drain's grace (30 s) ends within this time, also on a busy machine.
constexpr std::chrono::seconds kBelowGrace(25);

// Holds the lock that every write of a session takes last.
class HeldFeed {
 public:
  explicit HeldFeed(const std::string& url) : url_(url), session_(url) {
    session_.Execute("begin; select pg_advisory_xact_lock(journeyfeed.feed_lock_class(), 1)");
  }
  bool AwaitWriter() const {
    return Eventually([this] {
      return Query(url_, "select count(*) from pg_locks where locktype = 'advisory' and not granted") != "0";
    });
  }
  void Release() { session_.Execute("commit"); }

 private:
  std::string url_;
  DatabaseConnection session_;
};

bool AwaitDrain(TestServer& server) {
  return Eventually([&] { return server.process().log().find("ending streams") != std::string::npos; });
}

class Shutdown : public ::testing::Test {
 protected:
  std::string url_ = TheService().postgres.CreateDatabase("shutdown_" + std::to_string(++databases_));
  static inline int databases_ = 0;
};

TEST_F(Shutdown, LetsCallsFinishAndStreamsEndWithTheirToken) {
  TestServer server(url_);
  SessionClient client(server.channel());
  const std::string id = client.Create("target { " + kSession + " }")->id();
  SessionChanges sessions(server.channel(), "follow: true");
  JourneyChanges journeys(server.channel(), "follow: true");
  ASSERT_TRUE(sessions.Await([](const auto& response) { return !response.more_records(); }));
  ASSERT_TRUE(journeys.Next());

  HeldFeed held(url_);
  Answer<sessions::UpdateResponse> in_flight;
  std::thread caller([&] { in_flight = client.Update(Target(id, "name: 'in flight'")); });
  ASSERT_TRUE(held.AwaitWriter());
  ::kill(server.process().pid(), SIGTERM);
  // The lock must be held for less time than a write waits for it.
  ASSERT_TRUE(AwaitDrain(server));
  EXPECT_TRUE(server.process().Alive()) << "a call is in flight";
  held.Release();
  caller.join();
  EXPECT_TRUE(in_flight.ok()) << in_flight.ending;

  const auto last = sessions.Await([](const auto& response) { return response.has_stream_end(); });
  ASSERT_TRUE(last) << sessions.End();
  EXPECT_EQ(last->stream_end().reason(), entity::v1::StreamEnd::REASON_DRAIN);
  EXPECT_TRUE(last->stream_end().has_reconnect_after());
  EXPECT_FALSE(last->data_token().empty());
  EXPECT_FALSE(sessions.Next());
  EXPECT_TRUE(sessions.End().ok()) << sessions.End();
  EXPECT_TRUE(journeys.Await([](const auto& response) { return response.has_stream_end(); }));
  EXPECT_TRUE(journeys.End().ok());

  EXPECT_EQ(server.process().Wait(), 0);

  // Another server continues where the stream ended.
  TestServer next(url_);
  SessionChanges resumed(next.channel(), "data_version: " + Quote(last->data_token()));
  const auto change = resumed.Next();
  ASSERT_TRUE(change) << resumed.End();
  ASSERT_EQ(change->changes_size(), 1);
  EXPECT_EQ(change->changes(0).new_or_updated_entity().name(), "in flight");
}

TEST_F(Shutdown, RefusesNewCallsWhileItDrains) {
  TestServer server(url_);
  SessionClient client(server.channel());
  const std::string id = client.Create("target { " + kSession + " }")->id();
  HeldFeed held(url_);
  std::thread caller([&] { client.Update(Target(id, "name: 'in flight'")); });
  ASSERT_TRUE(held.AwaitWriter());
  ::kill(server.process().pid(), SIGTERM);
  const auto late = Connect(server.process().address());
  EXPECT_TRUE(Eventually([&] { return !IsServing(late); }));
  held.Release();
  caller.join();
  EXPECT_EQ(server.process().Wait(), 0);
}

TEST_F(Shutdown, ASecondSignalEndsItAtOnce) {
  TestServer server(url_);
  SessionClient client(server.channel());
  const std::string id = client.Create("target { " + kSession + " }")->id();
  HeldFeed held(url_);
  std::thread caller([&] { EXPECT_FALSE(client.Update(Target(id, "name: 'in flight'")).ok()); });
  ASSERT_TRUE(held.AwaitWriter());
  ::kill(server.process().pid(), SIGTERM);
  ASSERT_TRUE(AwaitDrain(server));
  ::kill(server.process().pid(), SIGTERM);
  EXPECT_EQ(server.process().Wait(), 128 + SIGTERM);
  caller.join();
  held.Release();
}

TEST_F(Shutdown, OfAnIdleServerIsQuick) {
  TestServer server(url_);
  EXPECT_EQ(server.process().Terminate(kBelowGrace), 0);
}

// Its stream does not end by itself.
TEST_F(Shutdown, DoesNotWaitForWhoWatchesItsHealth) {
  TestServer server(url_);
  grpc::ClientContext context;
  Prepare(context, {});
  const auto stub = grpc::health::v1::Health::NewStub(server.channel());
  const auto watch = stub->Watch(&context, grpc::health::v1::HealthCheckRequest());
  grpc::health::v1::HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(server.process().Terminate(kBelowGrace), 0);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Shutdown, EndsAServerWithoutADatabase) {
  ServerProcess server({"--database-url", "host=/nonexistent dbname=none"});
  EXPECT_EQ(server.Terminate(kBelowGrace), 0);
}

}  // namespace
}  // namespace journeyfeed::testing
