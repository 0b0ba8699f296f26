// The previous version and this one over one database, like in a rolling update.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include "tests/integration/streams.h"
#include "tests/lifecycle/journeys.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

class Rollout : public ::testing::Test {
 protected:
  void SetUp() override {
    if (Previous().empty()) GTEST_SKIP() << "tests/rollout/rollout gives the binary of the version before";
  }

  static std::string Previous() {
    const char* path = std::getenv("JOURNEYFEED_PREVIOUS_SERVER");
    return path == nullptr ? "" : path;
  }
  static std::unique_ptr<TestServer> Start(const std::string& url, const std::string& binary) {
    return std::make_unique<TestServer>(url, std::vector<std::string>(), binary);
  }

  static std::string NewDatabase() {
    static int number = 0;
    return TheService().postgres.CreateDatabase("rollout" + std::to_string(++number));
  }

  static std::string Comment(const std::string& url) {
    return Query(url,
                 "select obj_description(max(oid), 'pg_proc') from pg_proc where proname = 'write_customer_journey'");
  }

  static std::string Schema(const std::string& url) {
    return Query(url, "select max(version) from journeyfeed.schema_migration");
  }

  static void ExpectWrites(TestServer& server) {
    const std::string id = SessionClient(server.channel()).Create("target { " + kSession + " }")->id();
    EXPECT_TRUE(SessionClient(server.channel()).Update(Target(id, "name: 'x'")).ok());
    JourneyClient journeys(server.channel());
    const auto journey = journeys.Create("target { name: 'n' }");
    EXPECT_TRUE(journey.ok()) << journey.ending;
    EXPECT_TRUE(journeys.Delete(Target(journey->id())).ok());
  }
};

using Versions = std::map<std::string, std::int64_t>;

Versions StoredVersions(const std::string& url) {
  Versions versions;
  std::istringstream lines(Query(
      url, "select string_agg(id || ' ' || version_number, E'\n' order by id) from journeyfeed.journey_run_session"));
  std::string id;
  for (std::int64_t version = 0; lines >> id >> version;) versions[id] = version;
  return versions;
}

// Reads until the copy equals the stored records.
bool Catches(SessionChanges& follower, Versions& copy, const Versions& stored) {
  while (copy != stored) {
    const auto message = follower.Next();
    if (!message) return false;
    for (const auto& change : message->changes()) {
      if (change.has_removed_item()) {
        copy.erase(change.removed_item().id());
      } else {
        copy[change.new_or_updated_entity().id()] = change.version_number();
      }
    }
  }
  return true;
}

TEST_F(Rollout, BothWriteAtOnceAndFollowEachOther) {
  const std::string url = NewDatabase();
  const auto before = Start(url, Previous());
  const auto now = Start(url, "");
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(NewId());
  SessionChanges of_before(before->channel(), "follow: true"), of_now(now->channel(), "follow: true");
  Versions copy_of_before, copy_of_now;
  std::atomic<int> failed = 0;
  const auto write = [&](TestServer& server) {
    SessionClient client(server.channel());
    for (int i = 0; i < 150; ++i) {
      const std::string& id = ids[static_cast<std::size_t>(i) % ids.size()];
      if (!client.Upsert(Target(id, kSession)).ok()) ++failed;
      if (i % 10 == 0) client.Delete(Target(id));  // the other writer may have been first
    }
  };
  std::thread first([&] { write(*before); }), second([&] { write(*now); });
  first.join();
  second.join();
  EXPECT_EQ(failed, 0);
  const Versions stored = StoredVersions(url);
  EXPECT_TRUE(Catches(of_before, copy_of_before, stored)) << of_before.End();
  EXPECT_TRUE(Catches(of_now, copy_of_now, stored)) << of_now.End();
}

TEST_F(Rollout, EitherRestartsAtAnyTime) {
  const std::string url = NewDatabase();
  auto before = Start(url, Previous());
  const bool versioned = Comment(url).starts_with("version ");
  const std::string schema = Schema(url);
  auto now = Start(url, "");
  ASSERT_TRUE(Comment(url).starts_with("version "));
  const bool may_start = Schema(url) == schema;
  const std::string newest = Comment(url);
  for (int round = 0; round < 2; ++round) {
    if (may_start) {
      ASSERT_EQ(before->process().Terminate(), 0);
      before = Start(url, Previous());
      // A release from before versions restores its own text, and both servers must work with that.
      if (versioned) {
        EXPECT_EQ(Comment(url), newest);
      }
    }
    ExpectWrites(*before);
    ExpectWrites(*now);
    ASSERT_EQ(now->process().Terminate(), 0);
    now = Start(url, "");
    EXPECT_EQ(Comment(url), newest);
    ExpectWrites(*before);
    ExpectWrites(*now);
  }
}

TEST_F(Rollout, TokensGoBothWays) {
  const std::string url = NewDatabase();
  const auto before = Start(url, Previous());
  const auto now = Start(url, "");
  for (const auto& [issuer, reader] : {std::pair(before.get(), now.get()), std::pair(now.get(), before.get())}) {
    SessionClient from(issuer->channel()), to(reader->channel());
    const std::string partition = "partition_id: 'p' ";
    for (int i = 0; i < 3; ++i) from.Create("target { " + kSession + partition + " }");
    for (const std::string& view : {std::string(), partition, std::string("columns { paths: 'name' } "),
                                    std::string("columns { paths: '*' } "), std::string("max_changes: 1 ")}) {
      SessionChanges issued(issuer->channel(), view);
      issued.ReadAll();
      const std::string id = to.Create("target { " + kSession + partition + " }")->id();
      SessionChanges read(reader->channel(),
                          (view.starts_with("max") ? "" : view) + "data_version: " + Quote(issued.token()));
      bool seen = false;
      for (const auto& message : read.ReadAll()) {
        for (const auto& change : message.changes()) seen = seen || change.new_or_updated_entity().id() == id;
      }
      EXPECT_TRUE(read.End().ok()) << view << read.End();
      EXPECT_TRUE(seen) << view;
    }
    for (const std::string& view : {std::string(), std::string("columns { paths: 'name' } ")}) {
      const auto page = [&](SessionClient& client, const std::string& more) {
        return client.Send(&sessions::JourneyRunSessionService::Stub::RetrieveMultiple,
                           Parse<sessions::RetrieveMultipleRequest>("page_size: 1 " + view + more));
      };
      const auto second = page(to, "page_token: " + Quote(page(from, "")->next_page_token()));
      EXPECT_TRUE(second.ok()) << second.ending;
    }
    const std::string request = "target { " + kSession + " } request_id: " + Quote(NewId());
    const auto created = from.Create(request);
    EXPECT_EQ(to.Create(request)->id(), created->id());
    const auto read = to.Retrieve(Target(created->id()) + "session_token: " + Quote(created->session_token()));
    EXPECT_TRUE(read.ok()) << read.ending;
  }
}

TEST_F(Rollout, TheVersionBeforeUnderstandsWhatANewerFunctionRefuses) {
  const std::string url = NewDatabase();
  const auto before = Start(url, Previous());
  const auto now = Start(url, "");
  const std::string id = Create(before->channel(), ValidJourney());
  {
    const Hold hold(url, id);
    JourneyClient client(before->channel());
    ASSERT_TRUE(client.Update(Target(id, "status_code: " + std::to_string(Code(kGoingLive)))).ok());
    for (const char* more : {"", "name: 'x'"}) {
      const auto refused = client.Update(Target(id, more));
      EXPECT_EQ(refused.ending.code, grpc::StatusCode::FAILED_PRECONDITION) << refused.ending;
      EXPECT_EQ(refused.ending.reason, "CANNOT_UPDATE_BECAUSE_IT_IS_READ_ONLY");
    }
  }
  ASSERT_TRUE(Eventually([&] { return StatusOf(url, id) == kLive; }, 30s));
}

TEST_F(Rollout, TheVersionBeforeGoesOnOverANewerSchemaButDoesNotStartOnIt) {
  TestPostgres postgres;
  const std::string url = postgres.CreateDatabase("newer");
  auto before = Start(url, Previous());
  const auto now = Start(url, "");
  Query(url, "insert into journeyfeed.schema_migration (version, name, checksum) values (9999, 'later', '')");
  postgres.Restart();
  for (TestServer* server : {before.get(), now.get()}) {
    SessionClient client(server->channel());
    ASSERT_TRUE(Eventually([&] { return client.Create("target { " + kSession + " }").ok(); }, 30s))
        << server->process().log();
  }
  ASSERT_EQ(before->process().Terminate(), 0);
  EXPECT_THROW(Start(url, Previous()), std::runtime_error);
  ExpectWrites(*now);
}

}  // namespace
}  // namespace journeyfeed::testing
