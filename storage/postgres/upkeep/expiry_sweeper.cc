#include "storage/postgres/upkeep/expiry_sweeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "storage/base/guarded.h"
#include "storage/postgres/connection/sql_state.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatch = 512;
constexpr std::int64_t kLogRows = 5000;  // per read of the log
constexpr auto kShortPause = 200ms;      // lets expiries gather into a batch
constexpr auto kPauseAfterFailure = 2s;
constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kPauseOfBlocked = 5;  // seconds until a record that another client has locked is tried again

WriteRequest RemovalOf(const dictionary::Entity& entity, const RecordKey& key) {
  WriteRequest call;
  call.entity = &entity;
  call.rows = {{.message = entity::v1::MESSAGE_NAME_DELETE, .key = key, .values = {}, .if_match = {}}};
  call.correlation_id = Uuid::MakeV7();
  call.parent = entity::v1::MESSAGE_NAME_EXPIRE;
  return call;
}

}  // namespace

ExpirySweeper::ExpirySweeper(const dictionary::Entity& entity, SweeperSettings settings, BatchEnvironment environment,
                             const SweeperMetrics& metrics)
    : entity_(entity),
      settings_(std::move(settings)),
      environment_(std::move(environment)),
      metrics_(metrics),
      worker_("the sweeper", [this](const std::stop_token& stop) { return Work(stop); }) {}

ExpirySweeper::~ExpirySweeper() = default;

Worker::Clock::time_point ExpirySweeper::Work(const std::stop_token& stop) {
  if (!session_) session_.emplace(settings_.conninfo, settings_.options, nullptr, settings_.admit, stop);
  Pause pause = kPauseAfterFailure;
  const bool good = Guarded("the sweeper", [&] {
    const auto connection = session_->Get();
    if (!connection) return;
    // What was learned over an earlier connection, and the right to sweep, ended with it.
    if (*connection != std::exchange(known_, nullptr)) {
      leads_ = false;
      Forget();
    }
    pause = Round(**connection);
    if ((*connection)->usable()) known_ = *connection;
  });
  if (!good) session_->Drop();
  return Worker::Clock::now() + pause;
}

ExpirySweeper::Pause ExpirySweeper::Round(Connection& connection) {
  const Result<bool> begun = Begin(connection);
  if (begun && (!*begun || !settings_.may_write())) return settings_.interval;
  if (!begun || !LookAhead(connection) || !FollowLog(connection) || !RemoveDue(connection)) {
    metrics_.errors->Increment();
    return kPauseAfterFailure;
  }
  return UntilNext();
}

// Asks for the right to sweep, and for the time.
Result<bool> ExpirySweeper::Begin(Connection& connection) {
  Params params;
  params.Add(std::int32_t{entity_.id});
  params.AddValue(leads_);
  auto result = Ask(connection, StatementsOf(entity_).expiry_state, params);
  if (!result) return std::unexpected(result.error());
  const Row row(result->get(), 0);
  head_ = row.Int8(0);
  now_ = row.Time(2).micros;
  leads_ = row.Bool(3);
  if (!leads_) Forget();
  // A part of the log that was not examined is removed, or the log was set back: read the table again.
  if (seen_ < row.Int8(1) || head_ < seen_) horizon_ = 0;
  TellBacklog();
  return leads_;
}

// Ensures that all records that expire soon are known.
Result<void> ExpirySweeper::LookAhead(Connection& connection) {
  const std::int64_t window = std::chrono::duration_cast<std::chrono::seconds>(settings_.window).count();
  if (horizon_ != 0 && (cut_ ? !awaited_.empty() : now_ + window * kMicros / 8 < horizon_)) return {};
  Forget();
  // Older than the table's snapshot: records written in between are examined twice, which does no harm.
  seen_ = head_;
  const auto most = static_cast<std::int64_t>(settings_.most_awaited);
  Params params;
  params.Add(most);
  params.AddValue(Timestamp{now_});  // one time for both reads: the hour may turn between them
  const auto past = Ask(connection, StatementsOf(entity_).expiry_past, params);
  if (!past) return std::unexpected(past.error());
  AwaitAll(past->get(), 0, 0);
  const std::int64_t left = most - PQntuples(past->get());
  cut_ = left == 0;
  horizon_ = now_;
  if (cut_) return {};  // overdue records first
  params = Params();
  params.Add(left);
  params.Add(window);
  params.AddValue(Timestamp{now_});
  const auto soon = Ask(connection, StatementsOf(entity_).expiry_soon, params);
  if (!soon) {
    horizon_ = 0;
    return std::unexpected(soon.error());
  }
  AwaitAll(soon->get(), 0, 0);
  cut_ = PQntuples(soon->get()) == left;
  horizon_ = cut_ ? awaited_.rbegin()->first : now_ + window * kMicros;
  return {};
}

// Finds records that were written since and expire before the horizon.
Result<void> ExpirySweeper::FollowLog(Connection& connection) {
  while (seen_ < head_ && horizon_ > now_) {
    Params params;
    params.Add(seen_);
    params.Add(kLogRows);
    params.AddValue(Timestamp{horizon_});
    const auto written = Ask(connection, StatementsOf(entity_).expiry_written, params);
    if (!written) return std::unexpected(written.error());
    const Row first(written->get(), 0);
    if (first.IsNull(0)) break;
    seen_ = first.Int8(0);
    AwaitAll(written->get(), 1, 1);
  }
  seen_ = std::max(seen_, head_);
  return {};
}

Result<void> ExpirySweeper::RemoveDue(Connection& connection) {
  std::vector<WriteRequest> removals;
  for (const auto& [expires_at, key] : awaited_) {
    if (expires_at > now_ || removals.size() == kBatch) break;
    removals.push_back(RemovalOf(entity_, key));
  }
  if (removals.empty()) return {};
  std::vector<const WriteRequest*> calls;
  for (const WriteRequest& call : removals) calls.push_back(&call);
  const auto begun = std::chrono::steady_clock::now();
  BatchEnvironment environment = environment_;
  environment.report = [&](const SqlError& error) {
    environment_.report(error);
    if (IsWrongServer(error)) connection.GiveUp();
  };
  std::vector<CallFate> fates(calls.size(), CallFate::kAnswered);
  const auto outcomes = ExecuteBatch(connection, entity_, calls, environment, &fates);
  const auto took = std::chrono::steady_clock::now() - begun;
  batch_time_ = std::chrono::ceil<Pause>(took);
  metrics_.duration->Observe(std::chrono::duration<double>(took).count());

  LogPoint reached;
  Result<void> result;
  for (std::size_t i = 0; i < removals.size(); ++i) {
    if (fates[i] == CallFate::kUntried) continue;
    if (fates[i] == CallFate::kBlocked) {
      Await(removals[i].rows.front().key, now_ + kPauseOfBlocked * kMicros);  // the others go on without it
      continue;
    }
    if (!outcomes[i]) {
      result = std::unexpected(outcomes[i].error());
      continue;  // stays awaited
    }
    const bool removed = outcomes[i]->rows.front().verdict == WriteVerdict::kDeleted;
    (removed ? metrics_.removed : metrics_.kept)->Increment();
    if (removed) reached = DecodePoint(outcomes[i]->point).value_or(reached);
    const auto at = expiries_.find(removals[i].rows.front().key);
    awaited_.erase({at->second, at->first});
    expiries_.erase(at);
  }
  TellBacklog();
  if (reached.seq > 0) settings_.on_commit(entity_, reached);
  return result;
}

Result<ResultSet> ExpirySweeper::Ask(Connection& connection, const Statement& statement, const Params& params) {
  auto result = connection.Execute(statement, params, ResultFormat::kBinary, environment_.timeout);
  if (result) return *std::move(result);
  environment_.report(result.error());
  return std::unexpected(ToFailure(result.error()));
}

void ExpirySweeper::AwaitAll(const PGresult* result, int row, int column) {
  for (; row < PQntuples(result); ++row) {
    const Row record(result, row);
    Await({.id = record.Id(column), .partition_id = record.Text(column + 1)}, record.Time(column + 2).micros);
  }
}

void ExpirySweeper::Await(const RecordKey& key, std::int64_t expires_at) {
  const auto [at, inserted] = expiries_.try_emplace(key, expires_at);
  if (!inserted) {
    awaited_.erase({at->second, key});
    at->second = expires_at;
  }
  awaited_.insert({expires_at, key});
  if (awaited_.size() <= settings_.most_awaited) return;
  const auto last = std::prev(awaited_.end());
  horizon_ = std::min(horizon_, last->first);
  cut_ = true;
  expiries_.erase(last->second);
  awaited_.erase(last);
}

void ExpirySweeper::Forget() {
  horizon_ = 0;
  cut_ = false;
  expiries_.clear();
  awaited_.clear();
}

void ExpirySweeper::TellBacklog() {
  metrics_.backlog_age->Set(IsDue() ? static_cast<double>(now_ - awaited_.begin()->first) / kMicros : 0);
}

// While more is due, pauses as long as the last batch took: the sweeper holds the feed lock at most half of the time.
ExpirySweeper::Pause ExpirySweeper::UntilNext() const {
  if (IsDue()) return batch_time_;
  if (cut_ && awaited_.empty()) return Pause(0);
  if (awaited_.empty()) return settings_.interval;
  const std::chrono::microseconds next(awaited_.begin()->first - now_);
  return std::clamp(std::chrono::ceil<Pause>(next), std::min<Pause>(kShortPause, settings_.interval),
                    settings_.interval);
}

}  // namespace journeyfeed::postgres
