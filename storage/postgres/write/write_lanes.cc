#include "storage/postgres/write/write_lanes.h"

#include "storage/postgres/connection/connection_options.h"
#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/write/write_batch.h"

namespace journeyfeed::postgres {
namespace {

namespace pb = entity::v1;

Failure TooManyRows() {
  return {.reason = pb::ERROR_REASON_OVERLOADED,
          .message = "too many rows are being written",
          .retry_after = std::chrono::seconds(1)};
}

// One answer for all calls of a batch.
std::vector<Result<WriteOutcome>> ForAll(const std::vector<const WriteRequest*>& calls, const Failure& why) {
  return std::vector<Result<WriteOutcome>>(calls.size(), std::unexpected(why));
}

}  // namespace

void WriteLanes::SetLockTable(std::int64_t table_locks) {
  locks_.SetLimit(LockShare(table_locks, settings_.expected_replicas));
}

void WriteLanes::Start(bool service_role) {
  if (open_) return;
  sessions_.clear();
  // Only the calls of the blocked lane wait for the whole lock timeout.
  for (int worker = 0; worker <= settings_.writes.workers; ++worker) {
    const BatchOf batch = worker < settings_.writes.workers ? BatchOf::kManyCalls : BatchOf::kOneCall;
    sessions_.push_back(std::make_unique<ReconnectingConnection>(
        settings_.conninfo, WriteOptions(settings_, service_role, batch), metrics_.writes().connections,
        [this](Connection& connection) { return parts_.history.Admit(connection); }));
  }
  metrics_.writes().sessions->Set(settings_.writes.workers + 1);
  coalescer_ = std::make_unique<WriteCoalescer>(
      settings_.writes, [this](int worker, const dictionary::Entity& entity, const Calls& calls,
                               std::vector<CallFate>& fates) { return Execute(worker, entity, calls, fates); });
  open_ = true;
}

void WriteLanes::Submit(WriteRequest call, WriteCoalescer::Callback done) {
  if (!open_) return done(std::unexpected(Unavailable("the database is not ready")));
  if (auto refusal = parts_.disk.Refusal()) return done(std::unexpected(*std::move(refusal)));
  coalescer_->Submit(std::move(call), std::move(done));
}

void WriteLanes::MeasureWaiting() const { metrics_.writes().waiting->Set(static_cast<double>(coalescer_->Waiting())); }

WriteLanes::Outcomes WriteLanes::Execute(int worker, const dictionary::Entity& entity, const Calls& calls,
                                         std::vector<CallFate>& fates) {
  const auto share = TakeLocks(worker, calls);
  if (!share) return ForAll(calls, TooManyRows());
  ReconnectingConnection& session = *sessions_.at(static_cast<std::size_t>(worker));
  const auto connection = session.Get();
  if (!connection) return ForAll(calls, connection.error());
  const BatchMeter meter(metrics_.writes(), metrics_.Of(entity).batches, calls);
  Outcomes outcomes;
  try {
    outcomes = Send(session, *connection, meter, entity, calls, fates);
  } catch (...) {
    session.Drop();  // its state is unknown
    throw;
  }
  TellNewest(entity, outcomes);
  return outcomes;
}

std::optional<LockBudget::Share> WriteLanes::TakeLocks(int worker, const Calls& calls) {
  const std::int64_t locks = LocksOf(calls);
  const bool in_lane = worker == settings_.writes.workers && locks <= kLaneLocks;
  if (in_lane) return LockBudget::Share(locks_, 0);
  return locks_.TakeLocks(locks, std::chrono::steady_clock::now() + settings_.statement_timeout);
}

WriteLanes::Outcomes WriteLanes::Send(ReconnectingConnection& session, Connection* connection, const BatchMeter& meter,
                                      const dictionary::Entity& entity, const Calls& calls,
                                      std::vector<CallFate>& fates) {
  int errors = 0;
  bool sent = false;
  const BatchEnvironment environment{
      .timeout = settings_.statement_timeout + kAnswerGrace,
      .repair = [this](const dictionary::Entity&, const SqlError& error) { parts_.repair.RepairAfter(error); },
      .report =
          [&](const SqlError& error) {
            LogFailedStatement(error);
            ++errors;
            sent = sent || !error.connection_lost || error.sent;
            meter.Failed(error);
            if (IsWrongServer(error)) connection->GiveUp();
          }};
  Outcomes outcomes = ExecuteBatch(*connection, entity, calls, environment, &fates);
  if (errors != 1 || sent) return outcomes;
  // The database closed the connection while it was idle, and has seen nothing of the batch.
  const auto another = session.Get();
  if (!another) return outcomes;
  connection = *another;
  return ExecuteBatch(*connection, entity, calls, environment, &fates);
}

void WriteLanes::TellNewest(const dictionary::Entity& entity, const Outcomes& outcomes) const {
  LogPoint newest;
  for (const auto& outcome : outcomes) {
    if (!outcome) continue;
    const LogPoint point = DecodePoint(outcome->point).value_or(LogPoint{});
    if (point.seq > newest.seq) newest = point;
  }
  if (newest.seq > 0) parts_.on_commit(entity, newest);
}

}  // namespace journeyfeed::postgres
