#include "services/entity/bulk_delete.h"

#include <algorithm>

#include "services/call/wire_message.h"
#include "services/entity/entity_service.h"
#include "services/entity/request_parts.h"
#include "services/query/filter.h"
#include "storage/dictionary/row.h"
#include "storage/proto_time.h"

namespace journeyfeed::entity_service {
namespace {

using namespace std::chrono_literals;

// Keys of a page, rows of a batch: short enough that other callers' writes hardly wait, long enough that the commit
// is shared.
constexpr std::int32_t kDeletedRows = 250;
// A page that is only counted.
constexpr std::int32_t kCountedRows = 5000;

// What remains is counted up to this, and again when that many are gone.
constexpr std::int64_t kMostCounted = 1'000'000;

// How often a record that changed between being seen and being deleted is looked at again.
constexpr int kAttempts = 5;
// The pause before the second look; it doubles before each further one, so that the other writer can finish.
constexpr auto kFirstPause = 50ms;
constexpr auto kLongestPause = 1s;

// Of one page or batch.
constexpr auto kStepDeadline = 30s;

constexpr std::uint64_t kKeysOnly = 0;

// When the record was stored here, whatever time its creator gave it.
Condition CreatedUntil(const dictionary::Entity& entity, Timestamp time) {
  const dictionary::Column* created = &entity.With(pb::COLUMN_ROLE_CREATED_ON);
  const dictionary::Column* overridden = &entity.With(pb::COLUMN_ROLE_OVERRIDDEN_CREATED_ON);
  const Condition stored{
      AllOf{{Condition{IsNull{overridden}}, Condition{Compare{created, Comparison::kLessOrEqual, Value(time)}}}}};
  return {AnyOf{{stored, Condition{Compare{overridden, Comparison::kLessOrEqual, Value(time)}}}}};
}

call::StreamCall::Message Encode(const pb::BulkDeleteResponse& response) {
  return std::make_shared<const grpc::ByteBuffer>(call::SerializeMessage(response));
}

Failure OverDeadline() {
  return {.reason = pb::ERROR_REASON_DEADLINE_EXCEEDED,
          .message = "deadline exceeded; deletions already reported are final"};
}

}  // namespace

Result<BulkDeletePlan> CheckBulkDelete(const dictionary::Entity& entity, const QuerySettings& settings,
                                       const pb::BulkDeleteRequest& request, const Asker& asker) {
  Violations violations;
  BulkDeletePlan plan{
      .entity = &entity, .filter = {}, .partition_id = PartitionOf(entity, request), .dry_run = request.dry_run()};
  if (plan.partition_id) CheckPartition(*plan.partition_id, "partition_id", violations);
  const query::Options options{.entity = entity, .now = asker.now, .user = asker.user, .limits = settings.limits};
  if (auto filter = query::ParseFilter(request.filter(), options)) {
    plan.filter = *std::move(filter);
    if (!plan.filter && !request.all()) {
      Refuse("filter", "an empty filter selects every record: set all to mean that", violations);
    }
  } else {
    violations.push_back(query::ToViolation("filter", request.filter(), filter.error()));
  }
  if (request.all() && !request.filter().empty()) Refuse("all", "cannot be given with a filter", violations);
  if (!violations.empty()) return std::unexpected(InvalidFields(std::move(violations)));
  return plan;
}

Result<std::shared_ptr<call::StreamCall>> EntityService::BulkDelete(call::StreamArguments arguments,
                                                                    const pb::BulkDeleteRequest& request) {
  auto plan = CheckBulkDelete(entity_, queries_, request, {arguments.record.context().user, Now()});
  if (!plan) return std::unexpected(plan.error());
  return std::make_shared<BulkDeleteStream>(std::move(arguments), store_, tokens_, lifetime_, timer_, *std::move(plan));
}

BulkDeleteStream::BulkDeleteStream(call::StreamArguments arguments, Store& store, const feed::TokenCodec& tokens,
                                   call::StreamLifetime& lifetime, Timer& timer, BulkDeletePlan plan)
    : StreamCall(std::move(arguments)),
      store_(store),
      tokens_(tokens),
      lifetime_(lifetime),
      timer_(timer),
      plan_(std::move(plan)),
      ends_at_(Clock::now() + lifetime.PickLifetime()),
      backoff_(kFirstPause, kLongestPause) {}

// Asks the database what time it is, where records are created: those that are created from now on stay.
void BulkDeleteStream::OnStart() {
  if (EndsNow()) return;
  ChangePageRequest state{.entity = plan_.entity,
                          .after = {},
                          .start_at_head = true,
                          .partition_id = {},
                          .max_changes = 1,
                          .fresh = true,
                          .deadline = StepDeadline(),
                          .gone = gone()};
  store_.ReadChanges(std::move(state), [self = Self()](const Result<ChangePage>& page) {
    self->EndingOnException([&] { self->Begin(page); });
  });
}

void BulkDeleteStream::Begin(const Result<ChangePage>& state) {
  if (!state) return FinishOnce(state.error());
  began_ = state->as_of;
  ReadPage();
}

void BulkDeleteStream::OnWritten(bool ok) {
  if (!ok) return;
  const auto pause = std::exchange(pause_, 0ms);
  if (pause == 0ms) return ReadPage();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(context().deadline - Clock::now());
  timer_.RunAfter(std::clamp<std::chrono::milliseconds>(left, 0ms, pause),
                  [self = Self()] { self->EndingOnException([&] { self->ReadPage(); }); });
}

void BulkDeleteStream::ReadPage() {
  if (EndsNow()) return;
  // Where writes go: a standby hides records that are committed, and shows versions that are gone.
  store_.RetrieveMultiple(
      {.query = PageQuery(), .fresh = true, .deadline = StepDeadline(), .gone = gone()},
      [self = Self()](const Result<QueryPage>& page) { self->EndingOnException([&] { self->TakePage(page); }); });
}

Query BulkDeleteStream::PageQuery() const {
  AllOf all;
  if (plan_.filter) all.parts.push_back(*plan_.filter);
  all.parts.push_back(CreatedUntil(*plan_.entity, began_));
  if (!again_.empty()) {
    OneOf ids{&plan_.entity->primary_id(), {}};
    for (const RecordKey& key : again_) ids.values.emplace_back(key.id);
    all.parts.push_back({std::move(ids)});
  }
  Query query{.entity = plan_.entity,
              .filter = Condition{std::move(all)},
              .partition_id = plan_.partition_id,
              .columns = kKeysOnly,
              .page_size = plan_.dry_run ? kCountedRows : kDeletedRows,
              .after = again_.empty() ? next_ : again_next_};
  // Records that a dry run has passed would be counted again.
  const bool count = plan_.dry_run ? !reported_ : again_.empty() && remaining_ <= 1;
  if (count) query.count_limit = kMostCounted;
  return query;
}

void BulkDeleteStream::TakePage(const Result<QueryPage>& page) {
  if (!page) return FinishOnce(page.error());
  if (page->counted) remaining_ = *page->counted;
  std::optional<PagePosition> next;
  if (page->next) next = PagePosition{.as_of = {}, .values = *page->next};
  (again_.empty() ? next_ : again_next_) = std::move(next);
  if (plan_.dry_run) {
    deleted_ += static_cast<std::int64_t>(page->records.size());
    remaining_ -= static_cast<std::int64_t>(page->records.size());
    return Report();
  }
  const std::vector<Seen> records = ReadKeys(*page);
  // The caller left while the page was read: nothing further is begun.
  if (EndsNow()) return;
  if (records.empty()) {
    ChooseNextPage();
    return Report();
  }
  Delete(records);
}

std::vector<BulkDeleteStream::Seen> BulkDeleteStream::ReadKeys(const QueryPage& page) const {
  const dictionary::Entity& entity = *plan_.entity;
  const auto message = entity.NewRecord();
  std::vector<Seen> records;
  for (const std::string& record : page.records) {
    message->ParseFromString(record);
    Seen seen{.key = {.id = std::get<Uuid>(dictionary::GetColumn(*message, entity.primary_id()))},
              .version = std::get<std::int64_t>(dictionary::GetColumn(*message, entity.version_number()))};
    if (const dictionary::Column* partition = entity.partition_id()) {
      auto text = std::get<std::string>(dictionary::GetColumn(*message, *partition));
      if (text != seen.key.id.ToString()) seen.key.partition_id = std::move(text);
    }
    // An id may be in several partitions, of which one had changed.
    if (again_.empty() || again_.contains(seen.key)) records.push_back(std::move(seen));
  }
  return records;
}

void BulkDeleteStream::Delete(const std::vector<Seen>& records) {
  WriteRequest call{.entity = plan_.entity,
                    .rows = {},
                    .user = context().user,
                    .initiating_user = context().initiating_user,
                    .correlation_id = context().correlation_id,
                    .parent = pb::MESSAGE_NAME_BULK_DELETE,
                    .deadline = StepDeadline()};
  for (const Seen& seen : records) {
    call.rows.push_back({.message = pb::MESSAGE_NAME_DELETE, .key = seen.key, .values = {}, .if_match = seen.version});
  }
  store_.Write(std::move(call), [self = Self(), records](const Result<WriteOutcome>& outcome) {
    self->EndingOnException([&] { self->TakeOutcome(records, outcome); });
  });
}

void BulkDeleteStream::TakeOutcome(const std::vector<Seen>& records, const Result<WriteOutcome>& outcome) {
  if (!outcome) return FinishOnce(outcome.error());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const WriteVerdict verdict = outcome->rows.at(i).verdict;
    if (verdict == WriteVerdict::kVersionMismatch) {
      changed_.insert(records[i].key);
      continue;
    }
    --remaining_;
    if (verdict == WriteVerdict::kRefusedByState) ++refused_;
    if (verdict != WriteVerdict::kDeleted) continue;  // gone: somebody else deleted it, or it expired
    ++deleted_;
    point_ = outcome->point;
  }
  ChooseNextPage();
  Report();
}

// A record that had changed is looked at again before the run goes on: it is deleted if the filter still selects it.
void BulkDeleteStream::ChooseNextPage() {
  if (!again_.empty() && again_next_) return;
  again_next_.reset();
  if (again_.empty()) backoff_.Reset();
  again_ = std::exchange(changed_, {});
  if (again_.empty()) return;
  if (backoff_.attempts() < kAttempts) {
    pause_ = backoff_.Next();
    return;
  }
  kept_changing_ += static_cast<std::int64_t>(again_.size());
  remaining_ -= static_cast<std::int64_t>(again_.size());
  again_.clear();
}

void BulkDeleteStream::Report() {
  const bool end = again_.empty() && !next_;
  std::optional<Failure> failure = end ? FailureAtEnd() : std::nullopt;
  remaining_ = end ? kept_changing_ + refused_ : std::max<std::int64_t>(remaining_, 1);
  Message message = Encode(ReportOf(end && !failure));
  reported_ = true;
  if (end) {
    FinishOnce(std::move(failure), std::move(message));
  } else {
    Write(std::move(message));  // OnWritten goes on, unless the stream has ended
  }
}

std::optional<Failure> BulkDeleteStream::FailureAtEnd() const {
  // Trying again helps the one and not the other: what it helps decides.
  if (kept_changing_ > 0) {
    return Failure{.reason = pb::ERROR_REASON_CONCURRENCY_VERSION_MISMATCH,
                   .message = "records that kept changing are left: " + std::to_string(kept_changing_)};
  }
  if (refused_ == 0) return std::nullopt;
  return Failure{.reason = pb::ERROR_REASON_INVALID_STATE,
                 .message = "records whose status forbids their deletion are left: " + std::to_string(refused_)};
}

pb::BulkDeleteResponse BulkDeleteStream::ReportOf(bool done) const {
  pb::BulkDeleteResponse report;
  report.mutable_progress()->set_deleted_count(deleted_);
  report.mutable_progress()->set_failed_count(kept_changing_ + refused_);
  report.mutable_progress()->set_remaining_estimate(remaining_);
  report.set_done(done);
  if (point_) report.set_session_token(tokens_.EncodeReadYourWrites(*plan_.entity, *point_));
  return report;
}

bool BulkDeleteStream::EndsNow() {
  const auto now = Clock::now();
  if (ended()) return true;
  if (now >= context().deadline) {
    FinishOnce(OverDeadline());
  } else if (lifetime_.draining()) {
    EndEarly(pb::StreamEnd::REASON_DRAIN);
  } else if (now >= ends_at_) {
    EndEarly(pb::StreamEnd::REASON_LIFETIME);
  } else {
    return false;
  }
  return true;
}

void BulkDeleteStream::EndEarly(pb::StreamEnd::Reason reason) {
  const auto after = lifetime_.PickReconnectAfter();
  if (!reported_) return FinishOnce(Unavailable("the server is shutting down", after));
  pb::BulkDeleteResponse report = ReportOf(false);
  pb::StreamEnd& end = *report.mutable_stream_end();
  end.set_reason(reason);
  ToProto(after, *end.mutable_reconnect_after());
  FinishOnce({}, Encode(report));
}

Deadline BulkDeleteStream::StepDeadline() const { return std::min(context().deadline, Clock::now() + kStepDeadline); }

std::shared_ptr<BulkDeleteStream> BulkDeleteStream::Self() {
  return std::static_pointer_cast<BulkDeleteStream>(shared_from_this());
}

}  // namespace journeyfeed::entity_service
