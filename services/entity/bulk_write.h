// The rows of a bulk message on their way to the store and back, the same for every entity and message.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "journeyfeed/entity/v1/row_result.pb.h"
#include "services/call/context.h"
#include "services/entity/request_parts.h"
#include "services/entity/status_refusal.h"
#include "storage/dictionary/write_plan.h"
#include "storage/store.h"

namespace journeyfeed::entity_service {

// Most rows of a bulk message: 1 to 1,000 are allowed.
inline constexpr int kMostRows = 1000;

// Most violations of one row that are kept, more than its error has room for; further ones are only counted.
inline constexpr std::size_t kMostOfRow = 48;
// Most violations of an atomic request that are kept.
inline constexpr std::size_t kMostOfRequest = 128;

// One row after validation: what to write, or why not.
struct BulkRow {
  Result<WriteRow> row;
  // Explains an Upsert that found no record and has too little to create one.
  std::function<Failure()> incomplete;
  bool has_id = true;  // false: the id was made here
  // Of `row`, which is handed to the store; set by ExecuteBulk.
  StateRequest asked = {};
};

// The failure of a row, of whose violations no more than kMostOfRow are kept.
BulkRow RefusedRow(Failure failure);

struct BulkRequest {
  const dictionary::Entity* entity = nullptr;
  MessageName message{};  // the bulk message; the rows name the single one
  std::vector<BulkRow> rows;
  std::optional<Uuid> request_id;
  std::int64_t fingerprint = 0;
};

struct BulkOutcome {
  std::vector<entity::v1::RowResult> results;  // in input order
  int failed = 0;
  std::optional<CommitPoint> point;  // of the last rows that were executed
};

// Executes the rows; `done` runs once, on any thread.
// Elastic entity: in input order, each row by itself; a call is cut into batches, and a key that comes again waits for
// the batch before. What went wrong with a row is in its result; after a batch that failed as a whole (the database is
// away, the deadline is over) the rows that follow fail unsent. The one error is REQUEST_ID_REUSED, and then nothing
// was executed. Standard entity: one atomic batch; the first failing row decides the error, which lists all.
void ExecuteBulk(Store& store, const call::CallContext& context, BulkRequest request,
                 Store::Callback<BulkOutcome> done);

}  // namespace journeyfeed::entity_service
