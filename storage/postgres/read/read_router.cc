#include "storage/postgres/read/read_router.h"

#include <algorithm>
#include <utility>

#include "storage/base/guarded.h"
#include "storage/postgres/connection/connection_options.h"
#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/read/query_reader.h"
#include "storage/postgres/read/record_reader.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

// How long a read waits for the write of its read-your-writes token; it looks again after growing pauses.
constexpr auto kLongestHold = 3s;
constexpr auto kShortestHold = 5ms;
constexpr auto kLongestPauseOfHold = 100ms;
// Left of the caller's own deadline, so that the answer arrives.
constexpr auto kTimeToAnswer = 50ms;

const dictionary::Entity& EntityOf(const RecordRequest& call) { return *call.entity; }
const dictionary::Entity& EntityOf(const QueryRequest& call) { return *call.query.entity; }
const dictionary::Entity& EntityOf(const ChangePageRequest& call) { return *call.entity; }
const dictionary::Entity& EntityOf(const ChangeWindowRequest& call) { return *call.entity; }

WorkerPool& PoolOf(const RecordRequest&, const ReadPools& pools) { return pools.records(); }
WorkerPool& PoolOf(const QueryRequest&, const ReadPools& pools) { return pools.queries(); }
WorkerPool& PoolOf(const ChangePageRequest& call, const ReadPools& pools) {
  return call.live ? pools.live_changes() : pools.changes();
}
WorkerPool& PoolOf(const ChangeWindowRequest&, const ReadPools& pools) { return pools.queries(); }

// The history and position that a call must see at least.
LogPoint NeedOf(const std::optional<CommitPoint>& not_before) {
  return not_before ? DecodePoint(*not_before).value_or(LogPoint{}) : LogPoint{};
}
LogPoint NeedOf(const RecordRequest& call) { return NeedOf(call.not_before); }
LogPoint NeedOf(const QueryRequest& call) { return NeedOf(call.not_before); }
LogPoint NeedOf(const std::optional<ChangePosition>& after) {
  const Position position = after ? DecodePosition(*after).value_or(Position{}) : Position{};
  return {.history = position.history, .timeline = 0, .seq = position.high_water, .nonce = 0};
}
LogPoint NeedOf(const ChangePageRequest& call) {
  const LogPoint after = NeedOf(call.after), written = NeedOf(call.not_before);
  return written.seq > after.seq ? written : after;
}
LogPoint NeedOf(const ChangeWindowRequest& call) { return NeedOf(call.after); }

// Until when a call waits for a server that is behind. Ends before the caller's deadline, so that the caller is told
// the reason.
template <typename Call>
Deadline PatienceOf(const Call& call) {
  return std::min(call.deadline - kTimeToAnswer, std::chrono::steady_clock::now() + kLongestHold);
}
// Streams wait by themselves.
Deadline PatienceOf(const ChangePageRequest&) { return {}; }

// Returns why the answer of a call is not wanted any more.
template <typename Call>
std::optional<Failure> Abandonment(const Call& call) {
  if (call.gone.stop_requested()) return Failure{pb::ERROR_REASON_CANCELLED, "the caller cancelled the call"};
  if (call.deadline >= std::chrono::steady_clock::now()) return std::nullopt;
  return Failure{pb::ERROR_REASON_DEADLINE_EXCEEDED, "deadline exceeded during the read"};
}

}  // namespace

// A call that reads, on its way through the pools.
template <typename Call, typename T>
struct ReadRouter::Reading {
  Call call;
  Store::Callback<T> done;
  bool standby;       // goes to the standby
  Deadline patience;  // until when it waits for a server that is behind
  bool again = true;  // if its connection is lost: once more, over a new one
};

void ReadRouter::Start(bool service_role) {
  if (open_) return;
  primary_pools_.Start(settings_.conninfo, service_role,
                       {metrics_.reads(), metrics_.feeds(), metrics_.live_feeds(), metrics_.queries()});
  if (standby_.exists()) {
    standby_pools_.Start(settings_.read_conninfo, service_role,
                         {metrics_.standby_reads(), metrics_.standby_feeds(), metrics_.standby_live_feeds(),
                          metrics_.standby_queries()});
  }
  open_ = true;
}

// The standby's pools pass calls on to the primary's, which must answer them: stop them first.
void ReadRouter::Stop() {
  standby_pools_.Stop();
  primary_pools_.Stop();
}

void ReadRouter::Retrieve(RecordRequest call, Store::Callback<std::optional<StoredRecord>> done) {
  Route(std::move(call), std::move(done));
}

void ReadRouter::RetrieveMultiple(QueryRequest call, Store::Callback<QueryPage> done) {
  Route(std::move(call), std::move(done));
}

void ReadRouter::ReadChanges(ChangePageRequest call, Store::Callback<ChangePage> done) {
  Route(std::move(call), std::move(done));
}

void ReadRouter::RetrieveChangeWindow(ChangeWindowRequest call, Store::Callback<ChangeWindow> done) {
  Route(std::move(call), std::move(done));
}

template <typename Call, typename T>
void ReadRouter::Route(Call call, Store::Callback<T> done) {
  if (!open_) return done(std::unexpected(Unavailable("the database is not ready")));
  const Deadline patience = PatienceOf(call);
  const bool standby = standby_.Usable() && !call.fresh;
  Queue(Reading<Call, T>{std::move(call), std::move(done), standby, patience}, 0ms);
}

// Queues the read in its pool, to be made after `pause`.
template <typename Call, typename T>
void ReadRouter::Queue(Reading<Call, T> reading, Pause pause) {
  ReadPools& pools = reading.standby ? standby_pools_ : primary_pools_;
  WorkerPool& pool = PoolOf(reading.call, pools);
  const Deadline deadline = reading.call.deadline;
  auto task = [this, &pools, pause, reading = std::move(reading)](Result<Connection*> connection) mutable {
    auto result = connection ? Read(reading, **connection, pools.pages()) : std::unexpected(connection.error());
    const bool lost = !result && connection && !(*connection)->usable();
    // A read changes nothing, so it can be repeated over a new connection.
    if (lost && std::exchange(reading.again, false) && !Abandonment(reading.call)) return false;
    Answer(std::move(reading), pause, std::move(result));
    return true;
  };
  if (pause == 0ms) return pool.Submit(deadline, std::move(task));
  pool.SubmitAt(std::chrono::steady_clock::now() + pause, deadline, std::move(task));
}

template <typename Call, typename T>
Result<T> ReadRouter::Read(const Reading<Call, T>& reading, Connection& connection, ChangePages& pages) {
  if (auto abandoned = Abandonment(reading.call)) return std::unexpected(*std::move(abandoned));
  Result<T> result =
      std::unexpected(Failure{.reason = pb::ERROR_REASON_UNEXPECTED, .message = "the read failed unexpectedly"});
  const Connection::Patience patience(connection, reading.call.deadline, reading.call.gone);
  if (!Guarded("a read", [&] { result = Ask(connection, pages, reading.call); })) {
    connection.GiveUp();
    return result;
  }
  // An abandoned call gets this answer, whatever the database said.
  if (auto abandoned = result ? std::nullopt : Abandonment(reading.call)) return std::unexpected(*std::move(abandoned));
  return result;
}

// Where a standby cannot answer, or would report a lost history, the primary decides. A server that is behind the
// position of the call gets time.
template <typename Call, typename T>
void ReadRouter::Answer(Reading<Call, T> reading, Pause pause, Result<T> result) {
  if (result || !open_) return reading.done(std::move(result));
  if (reading.standby && IsForPrimary(result.error(), EntityOf(reading.call), NeedOf(reading.call))) {
    metrics_.replication().read_fallbacks->Increment();
    reading.standby = false;
    return Queue(std::move(reading), 0ms);
  }
  const HistoryMetrics& metrics = metrics_.Of(EntityOf(reading.call)).history;
  const bool behind = result.error().reason == pb::ERROR_REASON_FEED_REPLICA_BEHIND;
  if (behind && pause == 0ms) metrics.held->Increment();
  if (result.error().reason == pb::ERROR_REASON_FEED_HISTORY_CHANGED) metrics.changed->Increment();
  const auto next = std::clamp<Pause>(pause * 2, kShortestHold, kLongestPauseOfHold);
  if (behind && std::chrono::steady_clock::now() + next < reading.patience) return Queue(std::move(reading), next);
  reading.done(std::move(result));
}

bool ReadRouter::IsForPrimary(const Failure& error, const dictionary::Entity& entity, const LogPoint& need) const {
  if (error.reason == pb::ERROR_REASON_FEED_HISTORY_CHANGED) return true;
  if (error.reason == pb::ERROR_REASON_SERVICE_UNAVAILABLE) return true;
  if (error.reason != pb::ERROR_REASON_FEED_REPLICA_BEHIND) return false;
  // The standby will reach what the primary is known to have. About everything else only the primary can tell.
  const auto known = history_.Known(entity);
  return !known || known->history != need.history || known->seq < need.seq;
}

Result<std::optional<StoredRecord>> ReadRouter::Ask(Connection& connection, ChangePages& pages,
                                                    const RecordRequest& call) const {
  if (auto reached = pages.Await(connection, *call.entity, call.not_before); !reached)
    return std::unexpected(reached.error());
  return ReadRecord(connection, call, settings_.statement_timeout + kAnswerGrace);
}

Result<QueryPage> ReadRouter::Ask(Connection& connection, ChangePages& pages, const QueryRequest& call) const {
  if (auto reached = pages.Await(connection, *call.query.entity, call.not_before); !reached)
    return std::unexpected(reached.error());
  return ReadQuery(connection, call.query, settings_.statement_timeout + kAnswerGrace, LogFailedStatement);
}

Result<ChangePage> ReadRouter::Ask(Connection& connection, ChangePages& pages, const ChangePageRequest& call) const {
  if (auto reached = pages.Await(connection, *call.entity, call.not_before); !reached)
    return std::unexpected(reached.error());
  return pages.Read(connection, call);
}

Result<ChangeWindow> ReadRouter::Ask(Connection& connection, ChangePages& pages,
                                     const ChangeWindowRequest& call) const {
  return pages.ReadWindow(connection, call);
}

}  // namespace journeyfeed::postgres
