// Reads pages of an entity's feed: the initial load and the changes. Every page is one statement, hence one snapshot.
#pragma once

#include <chrono>
#include <mutex>

#include "storage/postgres/connection.h"
#include "storage/postgres/position_check.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// Thread-safe; shared by the workers of the feed.
class ChangePages {
 public:
  explicit ChangePages(std::chrono::milliseconds timeout) : timeout_(timeout) {}

  // See Store::ReadChanges. EXPIRED_VERSION_STAMP has the metadata "oldest_position" too, which feed/oldest_token.h
  // knows.
  Result<ChangePage> Read(Connection& connection, const ReadChangesCall& call);

  // Whether `point` is part of the history and visible in statements that start after this call.
  Result<void> Await(Connection& connection, const dictionary::Entity& entity, const LogPoint& point);

  // The log's state; `point` gives the high water that is looked up.
  Result<LogState> State(Connection& connection, const dictionary::Entity& entity, const LogPoint& point);

 private:
  Result<ChangePage> Start(Connection& connection, const ReadChangesCall& call);
  Result<ChangePage> ReadLoad(Connection& connection, const ReadChangesCall& call, ChangePosition position, bool first);
  Result<ChangePage> ReadPartition(Connection& connection, const ReadChangesCall& call, ChangePosition position,
                                   bool first);
  Result<ChangePage> ReadLog(Connection& connection, const ReadChangesCall& call, const ChangePosition& position);
  Result<void> Check(Connection& connection, const dictionary::Entity& entity, const LogState& state,
                     const ChangePosition& position);
  Result<void> AskPrimary(Connection& connection, const dictionary::Entity& entity, const ChangePosition& position);

  const std::chrono::milliseconds timeout_;

  // Stale tokens must not become lock traffic: one question under the feed lock at a time, one per second.
  std::mutex asking_;
  std::chrono::steady_clock::time_point asked_at_;  // guarded by asking_
};

}  // namespace journeyfeed::postgres
