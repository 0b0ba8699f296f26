// Executes client calls as one statement: their rows become the arrays of the write function, and its single row
// becomes their outcomes.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "storage/coalescer/write_coalescer.h"
#include "storage/postgres/connection/connection.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// What the execution of a batch needs besides its connection. Thread-safe.
struct BatchEnvironment {
  std::chrono::milliseconds timeout;
  // Repairs what needs the owner's rights (partitions, history). May block for a bounded time.
  std::function<void(const dictionary::Entity&, const SqlError&)> repair;
  // Logs the error: the server's text never reaches a caller.
  std::function<void(const SqlError&)> report;
};

// Returns one result per call, in order. All calls are of `entity`; no key and no request id occurs twice. A failure
// that the data of a row caused fails only that row's call. The outcomes contain the newest sequence number that was
// written, if any. With `fates`, one per call, a batch that waited in vain for a foreign lock is split into single
// calls once, for a bounded time.
std::vector<Result<WriteOutcome>> ExecuteBatch(Connection& connection, const dictionary::Entity& entity,
                                               const std::vector<const WriteRequest*>& calls,
                                               const BatchEnvironment& environment,
                                               std::vector<CallFate>* fates = nullptr);

}  // namespace journeyfeed::postgres
