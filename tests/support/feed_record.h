// What a consumer of a feed saw, and what the database contained at the end: the two sides that feed_checks.h compares.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/postgres/feed/position.h"

namespace journeyfeed::testing {

struct RecordedChange {
  RecordKey key;
  std::int64_t version = 0;
  std::int64_t seq = 0;  // zero in a load
  bool removed = false;
  bool call_end = false;
  std::string content = {};  // the delivered content of the record
};

struct RecordedMessage {
  std::vector<RecordedChange> changes = {};
  bool initial_load = false;
  bool consistent = false;
  bool call_end = false;
  bool resync = false;
  bool ended_before = false;         // of a page: a call ended before its first change
  postgres::Position position = {};  // of its token
};

// A consumer's copy of the table.
struct CopiedRow {
  std::int64_t version = 0;
  std::string content = {};
  bool operator==(const CopiedRow&) const = default;
};
using Copy = std::map<RecordKey, CopiedRow>;

// One consumer: every message that it processed, over all its streams. Each stream was resumed from the token of the
// last processed message.
struct RecordedFeed {
  std::optional<postgres::Position> from = {};  // the token that it began with
  Copy copy = {};                               // its copy at that time
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
  Uuid call = {};  // its correlation id; tests give each call a different one
};

struct FinalState {
  std::vector<LogRow> log;  // by seq
  std::int64_t removed = 0;
  Copy table;    // live rows
  Copy expired;  // expired rows that still exist
};

}  // namespace journeyfeed::testing
