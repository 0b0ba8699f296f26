// A connection that calls the real write function and can be held inside its transaction, and another one that holds
// the locks that it needs.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/connection/connection.h"
#include "storage/store.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {

using Outcome = Result<WriteOutcome>;
using Outcomes = std::vector<Outcome>;

// Rows of calls. Each call has a different correlation id.
WriteRow CreateRow(const RecordKey& key, const std::string& name, std::optional<std::int32_t> ttl_in_seconds = {});
WriteRow UpdateRow(const RecordKey& key, const std::string& name);
WriteRow UpsertRow(const RecordKey& key, const std::string& name, std::optional<std::int32_t> ttl_in_seconds = {});
WriteRow DeleteRow(const RecordKey& key);
WriteRequest CallOf(std::vector<WriteRow> rows);
WriteRequest CallOf(WriteRow row);

// "C12", "N", or the reason of the failure: easy to compare.
std::string Short(const Outcome& outcome, std::size_t row = 0);
std::int64_t VersionOf(const Outcome& outcome, std::size_t row = 0);

// Not thread-safe, except for what Start starts.
class WriteConnection {
 public:
  // With the options of the service's writers, but as the owner. Repairs like the service if `repair`.
  explicit WriteConnection(const FeedDatabase& database, bool repair = true);
  ~WriteConnection();

  int pid() const { return pid_; }
  // One batch.
  Outcomes Write(const std::vector<WriteRequest>& calls);
  Outcome Write(WriteRow row);
  // The same on a thread: returns when the connection waits for a lock or has ended. Join with Finish.
  void Start(std::vector<WriteRequest> calls);
  void Start(WriteRow row);
  // Whether the started write still runs.
  bool Running() const;
  Outcomes Finish(std::chrono::milliseconds limit = std::chrono::seconds(20));

  // Runs "begin", "commit", "rollback" and the like. Returns the SQLSTATE, "lost" without an answer, "" for success.
  std::string Execute(const std::string& sql);

 private:
  const FeedDatabase& database_;
  const bool repair_;
  std::unique_ptr<postgres::Connection> connection_;
  int pid_ = 0;
  std::future<Outcomes> running_;
};

// Holds advisory locks until it is told to release them or ends.
class LockHolder {
 public:
  explicit LockHolder(const FeedDatabase& database);
  void TakeFeed();
  void ReleaseFeed();
  void TakeKey(const RecordKey& key);
  void ReleaseKey(const RecordKey& key);

 private:
  void Execute(const std::string& sql);
  std::unique_ptr<postgres::Connection> connection_;
};

// Ends a backend like an administrator.
void Terminate(const FeedDatabase& database, int pid);

}  // namespace journeyfeed::testing
