// BulkDelete while others write.
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

#include "tests/bulk/deletions.h"

namespace journeyfeed::testing {
namespace {

class BulkDeleteRace : public DeletionTest {
 protected:
  auto Rename(const std::vector<std::pair<std::string, std::string>>& names) {
    sessions::UpdateMultipleRequest update;
    for (const auto& [id, name] : names) AddUpdate<OfSessions>(update, id, name);
    SessionClient client(server_.channel());
    return client.Send(&sessions::JourneyRunSessionService::Stub::UpdateMultiple, update);
  }
};

// The page is read while an update and a deletion wait for their commit: both have happened before its batch.
TEST_F(BulkDeleteRace, WhatChangedSinceItWasSeenIsLookedAtAgain) {
  const auto ids = Fill(5, "r");
  HeldWrites held(url_);
  std::thread update([&] { EXPECT_EQ(Rename({{ids[0], "spared"}, {ids[1], "N"}})->failed_count(), 0); });
  EXPECT_TRUE(held.AwaitWaiting(1));  // in a separate batch
  std::thread erase([&] {
    SessionClient client(server_.channel());
    EXPECT_TRUE(client.Delete(Target(ids[2])).ok());
  });
  // One of them waits for the held lock; the other one waits for the same lock, or in the queue behind the first.
  EXPECT_TRUE(held.AwaitWaiting(2));
  SessionDeletion deletion(server_.channel(), "filter: \"startswith(name,'n')\"");
  EXPECT_TRUE(held.AwaitWaiting(3));
  held.Release();
  update.join();
  erase.join();
  const auto messages = deletion.ReadAll();
  ASSERT_TRUE(deletion.End().ok()) << deletion.End();
  EXPECT_EQ(messages.back().progress().deleted_count(), 3) << "one is spared, one was gone";
  EXPECT_EQ(messages.back().progress().failed_count(), 0);
  EXPECT_TRUE(messages.back().done());
  EXPECT_EQ(Ask("select string_agg(name, ' ') from journeyfeed.journey_run_session"), "spared");
  EXPECT_EQ(Ask("select count(*) from journeyfeed.journey_run_session_log where parent_message = 12"), "3");
}

// Committed while a batch waits, with a key that the run has not reached.
TEST_F(BulkDeleteRace, WhatIsCreatedMeanwhileStays) {
  Fill(3'000, "r");
  SessionDeletion deletion(server_.channel(), "all: true");
  ASSERT_TRUE(deletion.Next());
  HeldWrites held(url_);
  EXPECT_TRUE(held.AwaitWaiting(1));
  std::thread late([this] { Fill(20, "r"); });
  EXPECT_TRUE(held.AwaitWaiting(2));
  held.Release();
  late.join();
  const auto messages = deletion.ReadAll();
  ASSERT_TRUE(deletion.End().ok()) << deletion.End();
  EXPECT_EQ(messages.back().progress().deleted_count(), 3'000);
  EXPECT_EQ(Sessions(), "20");
}

// Writers move records into and out of the filter while it runs: the last state of each deleted record was selected.
TEST_F(BulkDeleteRace, NothingIsDeletedThatTheFilterDoesNotSelect) {
  const auto ids = Fill(3'000, "r");
  std::mutex mutex;
  std::map<std::pair<std::string, std::int64_t>, std::string> names;  // by id and version
  std::atomic<bool> over = false;
  std::atomic<int> renamed = 0;
  std::vector<std::jthread> writers;
  for (unsigned seed = 0; seed < 3; ++seed) {
    writers.emplace_back([&, seed] {
      std::mt19937 random(seed);
      while (!over) {
        std::map<std::string, std::string> batch;
        for (int i = 0; i < 20; ++i) batch[ids[random() % ids.size()]] = random() % 2 == 0 ? "keep" : "drop";
        const auto updated = Rename({batch.begin(), batch.end()});
        const std::scoped_lock lock(mutex);
        for (const auto& result : updated->results()) {
          if (result.has_error()) continue;
          names[{result.id(), result.version_number()}] = batch[result.id()];
          ++renamed;
        }
      }
    });
  }
  EXPECT_TRUE(Eventually([&] { return renamed > 1'000; }, std::chrono::seconds(30)));
  std::int64_t deleted = 0;
  for (int round = 0; round < 3; ++round) {
    SessionDeletion deletion(server_.channel(), "filter: \"name eq 'drop'\"");
    const auto messages = deletion.ReadAll();
    ASSERT_TRUE(deletion.End().ok()) << deletion.End();
    deleted += messages.back().progress().deleted_count();
  }
  over = true;
  writers.clear();
  EXPECT_GT(deleted, 100);
  EXPECT_EQ(Deletions(), std::to_string(deleted));
  // "id version" of each deletion.
  std::istringstream rows(Ask(
      "select string_agg(concat(record_id, ' ', version_number), ' ') from journeyfeed.journey_run_session_log where "
      "message = 4"));
  std::string id;
  std::int64_t version = 0;
  while (rows >> id >> version) {
    auto before = names.lower_bound({id, version});
    ASSERT_NE(before, names.begin());
    --before;
    ASSERT_EQ(before->first.first, id);
    EXPECT_EQ(before->second, "drop") << id << " was deleted in version " << version;
  }
}

// The database ends the server's connections in the middle: reported deletions are final, and a repeated call does the
// rest.
TEST_F(BulkDeleteRace, ALostConnectionIsAnErrorAndAskingAgainDoesTheRest) {
  Fill(4'000, "r");
  // First certainly in the middle of a batch, then at any moment.
  {
    HeldWrites held(url_);
    SessionDeletion deletion(server_.channel(), "all: true");
    ASSERT_TRUE(held.AwaitWaiting(1));
    Ask("select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and not granted");
    EXPECT_FALSE(deletion.Next());
    EXPECT_TRUE(deletion.End().code == grpc::StatusCode::UNAVAILABLE ||
                deletion.End().reason == "WRITE_OUTCOME_UNKNOWN")
        << deletion.End();
  }
  std::int64_t reported = 0;
  bool done = false;
  const auto end_at = std::chrono::steady_clock::now() + std::chrono::seconds(90);
  for (int round = 0; !done && std::chrono::steady_clock::now() < end_at; ++round) {
    SessionDeletion deletion(server_.channel(), "all: true");
    std::int64_t counted = 0;
    for (auto message = deletion.Next(); message; message = deletion.Next()) {
      counted = message->progress().deleted_count();
      done = message->done();
      if (round < 5) {
        Ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and "
            "usename is not null and pid <> pg_backend_pid()");
      }
    }
    reported += counted;
    const Ending& end = deletion.End();
    EXPECT_TRUE(end.ok() || end.code == grpc::StatusCode::UNAVAILABLE || end.reason == "WRITE_OUTCOME_UNKNOWN") << end;
  }
  EXPECT_TRUE(done);
  EXPECT_EQ(Sessions(), "0");
  EXPECT_EQ(Deletions(), "4000");
  EXPECT_LE(reported, 4'000);
}

}  // namespace
}  // namespace journeyfeed::testing
