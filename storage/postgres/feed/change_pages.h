// Reads pages of an entity's feed: the initial load and the changes. Every page is one statement, hence one snapshot.
#pragma once

#include <chrono>
#include <optional>

#include "storage/postgres/connection/connection.h"
#include "storage/postgres/feed/feed_lock_question.h"
#include "storage/postgres/feed/position.h"
#include "storage/postgres/feed/position_check.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// Thread-safe; the feed's workers share it.
class ChangePages {
 public:
  // `old_primary_patience`: how long a position of an unknown history on a newer timeline counts as a sign that this
  // server is an old primary. After that its history counts as lost.
  explicit ChangePages(std::chrono::milliseconds timeout,
                       std::chrono::milliseconds old_primary_patience = std::chrono::seconds(60))
      : timeout_(timeout), old_primary_patience_(old_primary_patience) {}

  // See Store::ReadChanges. FEED_TOKEN_INVALID: `after` is of another release.
  Result<ChangePage> Read(Connection& connection, const ChangePageRequest& call);

  // See Store::RetrieveChangeWindow. FEED_TOKEN_INVALID: as Read.
  Result<ChangeWindow> ReadWindow(Connection& connection, const ChangeWindowRequest& call);

  // Succeeds if the commit, if there is one, is part of the history and visible to statements that start after this
  // call. SESSION_TOKEN_INVALID: it is of another release.
  Result<void> Await(Connection& connection, const dictionary::Entity& entity,
                     const std::optional<CommitPoint>& not_before);

  // Reads the state of the log. `point` gives the history and the high water to look up.
  Result<LogState> State(Connection& connection, const dictionary::Entity& entity, const LogPoint& point);

 private:
  Result<ChangePage> Start(Connection& connection, const ChangePageRequest& call);
  Result<ChangePage> StartAt(Connection& connection, const ChangePageRequest& call);
  Result<ChangePage> ReadLoad(Connection& connection, const ChangePageRequest& call, Position position, bool first);
  Result<ChangePage> ReadPartition(Connection& connection, const ChangePageRequest& call, Position position,
                                   bool first);
  Result<ChangePage> ReadLog(Connection& connection, const ChangePageRequest& call, const Position& position);
  // Of a position older than what is kept, with the oldest one that can be used.
  static Failure ExpiredBefore(const LogState& state);
  // The parameters $1 and $2 of a statement with the state of the log (queries/state.sql).
  static void AddStatePoint(Params& params, const std::optional<Position>& position);
  using Clock = std::chrono::steady_clock;
  // `began`: when the statement that showed `state` began.
  Result<void> Check(Connection& connection, const dictionary::Entity& entity, const LogState& state,
                     const Position& position, Clock::time_point began);
  Result<void> AskPrimary(Connection& connection, const dictionary::Entity& entity, const Position& position,
                          Clock::time_point began);

  const std::chrono::milliseconds timeout_;
  const std::chrono::milliseconds old_primary_patience_;
  FeedLockQuestion question_;
};

}  // namespace journeyfeed::postgres
