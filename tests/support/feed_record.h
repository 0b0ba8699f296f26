// What a consumer of a feed saw, and what the database held in the end: the two sides that the checks of feed_checks.h
// compare.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/change_position.h"

namespace journeyfeed::testing {

struct RecordedChange {
  RecordKey key;
  std::int64_t version = 0;
  std::int64_t seq = 0;  // zero in a load
  bool removed = false;
  bool call_end = false;
  std::string content = {};  // what was delivered of the record
};

struct RecordedMessage {
  std::vector<RecordedChange> changes = {};
  bool initial_load = false;
  bool consistent = false;
  bool call_end = false;
  bool resync = false;
  bool ended_before = false;     // of a page: it says that a call ended before its first change
  ChangePosition position = {};  // what its token says
};

// A consumer's copy of the table.
struct CopiedRow {
  std::int64_t version = 0;
  std::string content = {};
  bool operator==(const CopiedRow&) const = default;
};
using Copy = std::map<RecordKey, CopiedRow>;

// One consumer: every message that it processed, over as many streams as it took, each resumed from the token of the
// last processed one.
struct RecordedFeed {
  std::optional<ChangePosition> from = {};  // the token that it began with
  Copy copy = {};                           // what it had then
  std::vector<RecordedMessage> messages = {};
};

// Applies a message blindly.
void Apply(const RecordedMessage& message, Copy& copy);

// The copy after all messages.
Copy Applied(const RecordedFeed& feed);

struct LogRow {
  std::int64_t seq = 0;
  std::int64_t nonce = 0;
  std::int64_t version = 0;
  RecordKey key;
  int message = 0;  // 4: deletion
  bool call_end = false;
  Uuid call = {};  // its correlation id; tests give each call its own
};

struct FinalState {
  std::vector<LogRow> log;  // by seq
  std::int64_t removed = 0;
  Copy table;    // live rows
  Copy expired;  // rows that have expired and are still there
};

}  // namespace journeyfeed::testing
