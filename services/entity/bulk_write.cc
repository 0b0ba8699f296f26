#include "services/entity/bulk_write.h"

#include <algorithm>
#include <map>
#include <set>

#include "services/call/wire_status.h"
#include "services/entity/write_outcome.h"

namespace journeyfeed::entity_service {
namespace {

namespace pb = entity::v1;

// A batch of a call that is cut: as the write function likes them (docs/life-of-a-change.md).
constexpr std::size_t kWrittenRows = 512;
constexpr std::size_t kBatchBytes = 4 << 20;

// Keeps a thousand errors within what a caller accepts as one message.
constexpr std::size_t kErrorBytes = 2000;

std::size_t BytesOf(const WriteRow& row) {
  std::size_t bytes = 0;
  for (const Value& value : row.values) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
  }
  return bytes;
}

std::string PathOf(std::size_t index) { return "targets[" + std::to_string(index) + "]"; }

WriteRequest CallFor(const call::CallContext& context, const BulkRequest& request) {
  return {.entity = request.entity,
          .rows = {},
          .atomic = !request.entity->elastic,
          .user = context.user,
          .initiating_user = context.initiating_user,
          .correlation_id = context.correlation_id,
          .parent = request.message,
          .request_id = request.request_id,
          .fingerprint = request.fingerprint,
          .deadline = context.deadline};
}

Failure FailureOfRow(const BulkRequest& request, std::size_t index, const RowOutcome& outcome) {
  const BulkRow& row = request.rows[index];
  if (outcome.verdict == WriteVerdict::kIncomplete && row.incomplete) return row.incomplete();
  if (outcome.verdict == WriteVerdict::kRefusedByState) {
    return StatusRefusal(*request.entity, row.asked, outcome, PathOf(index) + ".target");
  }
  return FailureOf(*request.entity, outcome)
      .value_or(Failure{.reason = pb::ERROR_REASON_UNEXPECTED, .message = "the store gave no verdict"});
}

bool Executed(const RowOutcome& outcome) {
  return outcome.verdict == WriteVerdict::kCreated || outcome.verdict == WriteVerdict::kUpdated ||
         outcome.verdict == WriteVerdict::kDeleted;
}

void SetKey(pb::RowResult& result, const dictionary::Entity& entity, const RecordKey& key) {
  result.set_id(key.id.ToString());
  if (entity.elastic) result.set_partition_id(EffectivePartitionId(key));
}

void SetExecuted(pb::RowResult& result, const RowOutcome& outcome) {
  result.set_version_number(outcome.version);
  result.set_record_created(outcome.verdict == WriteVerdict::kCreated);
}

// Whether rows after a batch with this failure would fail as well.
bool EndsAll(const Failure& failure) { return failure.reason != pb::ERROR_REASON_UNEXPECTED; }

// One bulk call on its way. Batches follow one another, so no lock is needed; the callbacks keep it alive.
class BulkRun : public std::enable_shared_from_this<BulkRun> {
 public:
  BulkRun(Store& store, const call::CallContext& context, BulkRequest request, Store::Callback<BulkOutcome> done)
      : store_(store), context_(context), request_(std::move(request)), done_(std::move(done)) {
    outcome_.results.resize(request_.rows.size());
    for (std::size_t i = 0; i < request_.rows.size(); ++i)
      outcome_.results[i].set_request_index(static_cast<std::int32_t>(i));
  }

  // The next batch of rows, or the end.
  void Continue() {
    WriteRequest call = CallFor(context_, request_);
    std::vector<std::size_t> indexes;
    std::set<RecordKey> keys;
    std::size_t bytes = 0;
    for (; next_ < request_.rows.size(); ++next_) {
      Result<WriteRow>& row = request_.rows[next_].row;
      if (!row) {
        Fail(next_, row.error());
        continue;
      }
      const std::size_t size = BytesOf(*row);
      const bool full = call.rows.size() >= kWrittenRows || (!call.rows.empty() && bytes + size > kBatchBytes);
      if (full || !keys.insert(row->key).second) break;
      bytes += size;
      indexes.push_back(next_);
      SetKey(outcome_.results[next_], *request_.entity, row->key);
      call.rows.push_back(std::move(*row));
    }
    if (call.rows.empty()) return done_(std::move(outcome_));
    store_.Write(std::move(call), [self = shared_from_this(), indexes](const Result<WriteOutcome>& written) {
      if (const auto refused = self->NoteOutcome(indexes, written)) return self->done_(std::unexpected(*refused));
      if (!written && EndsAll(written.error())) self->FailRest(written.error());
      self->Continue();
    });
  }

 private:
  void Fail(std::size_t index, const Failure& failure) {
    *outcome_.results[index].mutable_error() = call::ToRpcStatus(failure, kErrorBytes);
    ++outcome_.failed;
  }

  // The rows that were not sent yet. They cannot fare better, and must not overtake rows whose outcome is unknown.
  void FailRest(const Failure& failure) {
    const bool unknown = failure.reason == pb::ERROR_REASON_WRITE_OUTCOME_UNKNOWN;
    const Failure rest =
        unknown ? Unavailable("not executed, since the outcome of rows before it is unknown") : failure;
    for (; next_ < request_.rows.size(); ++next_)
      Fail(next_, request_.rows[next_].row ? rest : request_.rows[next_].row.error());
  }

  // The failure of the request as a whole: its id was used for another one, of which nothing is repeated.
  std::optional<Failure> NoteOutcome(const std::vector<std::size_t>& indexes, const Result<WriteOutcome>& written) {
    bool executed = false;
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      if (!written) {
        Fail(indexes[i], written.error());
        continue;
      }
      const RowOutcome& row = written->rows[i];
      if (row.verdict == WriteVerdict::kRequestIdReused) return FailureOfRow(request_, indexes[i], row);
      if (!Executed(row)) {
        Fail(indexes[i], FailureOfRow(request_, indexes[i], row));
        continue;
      }
      SetKey(outcome_.results[indexes[i]], *request_.entity, row.key);
      SetExecuted(outcome_.results[indexes[i]], row);
      executed = true;
    }
    // Rows that are replayed after others were executed have the older point.
    if (executed) outcome_.point = outcome_.point ? store_.LaterPoint(*outcome_.point, written->point) : written->point;
    return std::nullopt;
  }

  Store& store_;
  const call::CallContext context_;
  BulkRequest request_;
  const Store::Callback<BulkOutcome> done_;
  BulkOutcome outcome_;
  std::size_t next_ = 0;
};

// The violations of many rows: the first kMostOfRequest, and how many more there are.
class RowViolations {
 public:
  void Add(FieldViolation violation) {
    if (listed_.size() < kMostOfRequest) {
      listed_.push_back(std::move(violation));
    } else {
      ++more_;
    }
  }

  // Those of a row's failure, or the failure itself as one.
  void Add(std::size_t row, const Failure& failure) {
    if (failure.violations.empty()) return Add({PathOf(row), failure.message, failure.reason});
    const std::size_t room = std::min(kMostOfRequest - listed_.size(), failure.violations.size());
    listed_.insert(listed_.end(), failure.violations.begin(),
                   failure.violations.begin() + static_cast<std::ptrdiff_t>(room));
    more_ += failure.violations.size() - room + failure.more_violations;
  }

  bool empty() const { return listed_.empty(); }
  std::vector<FieldViolation>& listed() { return listed_; }
  std::size_t more() const { return more_; }

 private:
  std::vector<FieldViolation> listed_;
  std::size_t more_ = 0;
};

// What is wrong with any row of an atomic request before it is sent.
RowViolations ViolationsOf(const BulkRequest& request) {
  RowViolations violations;
  std::map<RecordKey, std::size_t> first;
  for (std::size_t i = 0; i < request.rows.size(); ++i) {
    const Result<WriteRow>& row = request.rows[i].row;
    if (!row) {
      violations.Add(i, row.error());
      continue;
    }
    const auto [at, inserted] = first.emplace(row->key, i);
    if (!inserted) {
      violations.Add({PathOf(i), "the same record as " + PathOf(at->second), pb::ERROR_REASON_INVALID_ARGUMENT});
    }
  }
  return violations;
}

// The failure of the first failing row, with a violation for each.
Failure AtomicFailure(const BulkRequest& request, const std::vector<RowOutcome>& rows) {
  std::optional<Failure> first;
  RowViolations violations;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (Executed(rows[i]) || rows[i].verdict == WriteVerdict::kAborted) continue;
    const Failure failure = FailureOfRow(request, i, rows[i]);
    violations.Add(i, failure);
    if (!first) first = failure;
  }
  if (!first) return {.reason = pb::ERROR_REASON_UNEXPECTED, .message = "the request was not executed"};
  first->more_violations = violations.more();
  first->violations = std::move(violations.listed());
  return *first;
}

Result<BulkOutcome> OutcomeOfAtomic(const BulkRequest& request, const WriteOutcome& written) {
  BulkOutcome outcome;
  for (std::size_t i = 0; i < written.rows.size(); ++i) {
    const RowOutcome& row = written.rows[i];
    if (!Executed(row)) return std::unexpected(AtomicFailure(request, written.rows));
    pb::RowResult& result = outcome.results.emplace_back();
    result.set_request_index(static_cast<std::int32_t>(i));
    SetKey(result, *request.entity, row.key);
    SetExecuted(result, row);
  }
  outcome.point = written.point;
  return outcome;
}

void ExecuteAtomic(Store& store, const call::CallContext& context, BulkRequest request,
                   Store::Callback<BulkOutcome> done) {
  if (auto violations = ViolationsOf(request); !violations.empty()) {
    return done(std::unexpected(InvalidFields(std::move(violations.listed()), violations.more())));
  }
  WriteRequest call = CallFor(context, request);
  call.rows.reserve(request.rows.size());
  for (BulkRow& row : request.rows) call.rows.push_back(*std::move(row.row));
  auto shared = std::make_shared<const BulkRequest>(std::move(request));
  store.Write(std::move(call), [shared, done = std::move(done)](const Result<WriteOutcome>& written) {
    done(written ? OutcomeOfAtomic(*shared, *written) : std::unexpected(written.error()));
  });
}

}  // namespace

BulkRow RefusedRow(Failure failure) {
  if (failure.violations.size() > kMostOfRow) {
    failure.more_violations += failure.violations.size() - kMostOfRow;
    failure.violations.resize(kMostOfRow);
    failure.violations.shrink_to_fit();
  }
  return {.row = std::unexpected(std::move(failure)), .incomplete = {}};
}

void ExecuteBulk(Store& store, const call::CallContext& context, BulkRequest request,
                 Store::Callback<BulkOutcome> done) {
  for (std::size_t i = 0; i < request.rows.size(); ++i) {
    BulkRow& row = request.rows[i];
    if (!row.row) continue;
    row.row->request_index = static_cast<std::int32_t>(i);
    row.asked = StateRequestOf(*request.entity, *row.row);
  }
  if (!request.entity->elastic) return ExecuteAtomic(store, context, std::move(request), std::move(done));
  std::make_shared<BulkRun>(store, context, std::move(request), std::move(done))->Continue();
}

}  // namespace journeyfeed::entity_service
