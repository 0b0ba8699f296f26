// BulkDelete as a client sees it, and the deletions in the log.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/bulk/entities.h"
#include "tests/integration/database_connection.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {

// One call. Requests are in text format.
template <typename Service, typename Request, typename Response>
class Deletion {
 public:
  Deletion(const std::shared_ptr<grpc::Channel>& channel, std::string_view request,
           std::optional<std::chrono::milliseconds> limit = {})
      : stub_(Service::NewStub(channel)) {
    Prepare(context_, {});
    if (limit) context_.set_deadline(std::chrono::system_clock::now() + *limit);
    reader_ = stub_->BulkDelete(&context_, Parse<Request>(request));
  }
  ~Deletion() {
    if (!ended_) context_.TryCancel();
    End();
  }

  std::optional<Response> Next() {
    Response response;
    if (!reader_->Read(&response)) return std::nullopt;
    return response;
  }
  std::vector<Response> ReadAll() {
    std::vector<Response> all;
    for (auto response = Next(); response; response = Next()) all.push_back(*std::move(response));
    return all;
  }
  // To be called after the last message, or after Cancel.
  const Ending& End() {
    if (!ended_) ended_ = Decode(reader_->Finish());
    return *ended_;
  }
  void Cancel() { context_.TryCancel(); }

 private:
  std::unique_ptr<typename Service::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
  std::optional<Ending> ended_;
};

using SessionDeletion =
    Deletion<sessions::JourneyRunSessionService, sessions::BulkDeleteRequest, sessions::BulkDeleteResponse>;
using JourneyDeletion =
    Deletion<journeys::CustomerJourneyService, journeys::BulkDeleteRequest, journeys::BulkDeleteResponse>;

// A separate database and server for each test, because it deletes records.
class DeletionTest : public ::testing::Test {
 protected:
  std::string Ask(const std::string& sql) const { return Query(url_, sql); }
  std::string Sessions(const std::string& where = "true") const {
    return Ask("select count(*) from journeyfeed.journey_run_session where " + where);
  }
  std::string Deletions() const {
    return Ask("select count(*) from journeyfeed.journey_run_session_log where message = 4");
  }

  // Creates sessions of a run and returns their ids.
  std::vector<std::string> Fill(int count, const std::string& run, const std::string& partition = "") {
    std::vector<std::string> ids;
    while (static_cast<int>(ids.size()) < count) {
      auto request = CreateMany<OfSessions>(std::min<int>(1000, count - static_cast<int>(ids.size())), "n");
      for (auto& target : *request.mutable_targets()) {
        target.set_journey_run_id(run);
        if (!partition.empty()) target.set_partition_id(partition);
      }
      const auto created = client_.Send(&sessions::JourneyRunSessionService::Stub::CreateMultiple, request);
      EXPECT_TRUE(created.ok()) << created.ending;
      if (!created.ok()) break;
      for (const auto& result : created->results()) ids.push_back(result.id());
    }
    return ids;
  }

  std::string url_ = TheService().postgres.CreateDatabase("deletion_" + std::to_string(++databases_));
  TestServer server_{url_, {"--write-connections", "4"}};
  SessionClient client_{server_.channel()};

 private:
  static inline int databases_ = 0;
};

// Holds the lock that every write of a session takes last: writes stop between their verdict and their commit. Hold it
// for less than two seconds, the time that a write waits for a lock.
class HeldWrites {
 public:
  explicit HeldWrites(const std::string& url) : url_(url), session_(url) {
    session_.Execute("begin; select pg_advisory_xact_lock(journeyfeed.feed_lock_class(), 1)");
  }
  [[nodiscard]] bool AwaitWaiting(int writes) const {
    return Eventually([&] {
      return std::stoi(Query(url_, "select count(*) from pg_locks where locktype = 'advisory' and not granted")) >=
             writes;
    });
  }
  void Release() { session_.Execute("commit"); }

 private:
  std::string url_;
  DatabaseConnection session_;
};

}  // namespace journeyfeed::testing
