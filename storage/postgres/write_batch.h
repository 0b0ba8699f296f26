// Executes client calls as one statement: their rows become the arrays of the write function, its one row becomes their
// outcomes.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "storage/coalescer/write_coalescer.h"
#include "storage/postgres/connection.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// What executing a batch needs beside its connection. Thread-safe.
struct BatchEnvironment {
  std::chrono::milliseconds timeout;
  // Repairs what needs the owner's rights (partitions, history), then returns; may block for a bounded time.
  std::function<void(const dictionary::Entity&, const SqlError&)> repair;
  // For the log: the server's text never reaches a caller.
  std::function<void(const SqlError&)> report;
};

// One result per call, in order. All calls are of `entity`; no key and no request id occurs twice. A failure that the
// data of some row caused fails that row's call only. The newest sequence number that was written, if any, is in the
// outcomes. With `fates`, one for each call, a batch that waited for a foreign lock in vain is taken apart once, for a
// bounded time.
std::vector<Result<WriteOutcome>> ExecuteBatch(Connection& connection, const dictionary::Entity& entity,
                                               const std::vector<const WriteCall*>& calls,
                                               const BatchEnvironment& environment,
                                               std::vector<CallFate>* fates = nullptr);

}  // namespace journeyfeed::postgres
