// The store: what the services may ask of the database, in plain types. It has one implementation (storage/postgres),
// which only services/main.cc picks.
//
// All calls are asynchronous: they return at once. The callback runs exactly once, on a thread of the store, even if
// the store shuts down (then with UNAVAILABLE). Callbacks must not block. All methods are thread-safe.
//
// Errors of every call: SERVICE_UNAVAILABLE (the database cannot be used now, nothing was done), OVERLOADED (a queue is
// full, nothing was done), DEADLINE_EXCEEDED, UN_MANAGED_IDS_SQL_TIMEOUT_ERROR, UNEXPECTED. Reads also: CANCELLED (the
// caller is gone).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "journeyfeed/entity/v1/message_name.pb.h"
#include "storage/change_position.h"
#include "storage/dictionary/dictionary.h"
#include "storage/failure.h"
#include "storage/query.h"
#include "storage/types.h"

namespace journeyfeed {

using Deadline = std::chrono::steady_clock::time_point;
using MessageName = entity::v1::MessageName;

// A value of WriteRow::if_match besides version numbers, which are never negative.
inline constexpr std::int64_t kAnyVersion = -1;

// One row of a write.
struct WriteRow {
  MessageName message;  // Create, Update, Upsert or Delete
  RecordKey key;
  std::vector<Value> values;  // by column of the entity; empty for Delete
  std::uint64_t set = 0;      // the columns that the write assigns (Column::bit); a null value clears a set column
  std::optional<std::int64_t> if_match;  // a version or kAnyVersion
  bool if_none_match = false;            // the record must not exist
  bool creatable = true;                 // false: an Upsert without enough values to create a record
  std::int32_t request_index = 0;        // index of the row in the client's request
};

// One client call. Its rows are executed in order, possibly together with rows of other calls.
struct WriteRequest {
  const dictionary::Entity* entity = nullptr;
  std::vector<WriteRow> rows;  // 1 to 1000, no key twice
  bool atomic = false;         // if one row fails, nothing is changed
  Uuid user = {};              // on whose behalf
  Uuid initiating_user = {};   // the real caller
  Uuid correlation_id = {};
  std::optional<MessageName> parent = {};  // the message that caused this one; Lifecycle: the system acts
  std::optional<Uuid> request_id = {};
  std::int64_t fingerprint = 0;  // of the whole request; compared when the request id is used again
  Deadline deadline = Deadline::max();
};

enum class WriteVerdict : char {
  kCreated = 'C',
  kUpdated = 'U',
  kDeleted = 'D',
  kNotFound = 'N',
  kExists = 'X',
  kVersionMismatch = 'V',
  kIncomplete = 'M',  // no such record, and the row is not creatable
  kRequestIdReused = 'R',
  kAborted = 'A',         // another row of the atomic call failed
  kRefusedByState = 'S',  // the stored status forbids the write: dictionary/state.h
};

struct RowOutcome {
  WriteVerdict verdict;
  RecordKey key;             // for a replayed Create: the key made by the first execution
  std::int64_t version = 0;  // of an executed row
  // For a row that was refused by state: the status of the record; nothing if there is no record.
  std::optional<std::int32_t> stored_status = {};
};

struct WriteOutcome {
  std::vector<RowOutcome> rows;  // by row of the call
  CommitPoint point;             // of the batch that executed the rows; for a replay, of the first execution
};

// Reads one record.
struct RecordRequest {
  const dictionary::Entity* entity = nullptr;
  RecordKey key;
  std::uint64_t columns = ~std::uint64_t{0};
  std::optional<CommitPoint> not_before;  // from a read-your-writes token: wait for it
  bool fresh = false;                     // read the primary, not a standby
  Deadline deadline = Deadline::max();
  std::stop_token gone = {};  // stopped when the caller is gone; the read then ends
};

struct StoredRecord {
  std::int64_t version = 0;
  std::string bytes;  // the record as its protobuf message, with the requested columns, id, partition and version
};

// One change of a page.
struct Change {
  bool removed = false;
  RecordKey key;  // in a load: unspecified
  std::int64_t version = 0;
  std::int64_t seq = 0;   // zero in a load
  MessageName message{};  // unspecified in a load
  Timestamp logged_at;
  bool call_end = false;  // a call ended between this change and the next one
  std::string record;     // StoredRecord::bytes unless removed
};

// About how much memory a change takes.
inline std::size_t MemoryOf(const Change& change) { return sizeof(Change) + 64 + change.record.size(); }

struct ChangePageRequest {
  const dictionary::Entity* entity = nullptr;
  std::optional<ChangePosition> after;  // absent: start
  bool start_at_head = false;           // start without a load
  // Start without a load, before the first call that committed a change at or after this time.
  std::optional<Timestamp> start_at = {};
  std::optional<CommitPoint> not_before = {};  // from a read-your-writes token: the page shows it
  std::uint64_t columns = ~std::uint64_t{0};
  std::optional<std::string> partition_id;
  std::int32_t max_changes = 1000;
  // Most bytes of the changes in a message. A single larger change comes alone.
  std::int64_t max_bytes = 3 << 20;
  std::uint32_t blocks = 0;  // of a load: how many blocks to read, as its last page advised; 0: unknown
  bool fresh = false;        // as RecordRequest::fresh
  bool live = false;         // for streams that follow: waits for no page of a load or of a stream that is late
  Deadline deadline = Deadline::max();
  std::stop_token gone = {};  // as RecordRequest::gone
  // Called before `done`, on its thread, if more follows the page: where the next one begins, which can be read while
  // this one is still being prepared.
  std::function<void(const PageEnd& next)> on_end = {};
};

struct ChangePage {
  std::vector<Change> changes;
  PageEnd next;           // continues after this page
  bool call_end = false;  // the log row at `next` ends a call
  // For changes. As far as known, the log row before the page does not end a call: the page may begin within one.
  bool within_call = false;
  // For changes: the last log row that ends a call before the first change of the page, or in a page without changes.
  std::optional<PageEnd> ended_before = {};
  std::int64_t head = 0;    // newest sequence number in the page's snapshot
  bool load_ended = false;  // `next` is the first position after a load
  std::int64_t rows_estimated = 0;
  std::uint32_t next_blocks = 0;            // for a load: ChangePageRequest::blocks of the next page
  Timestamp as_of;                          // database time
  std::optional<Timestamp> last_logged_at;  // time of the log row at `next`, if the page read it
};

inline std::size_t MemoryOf(const ChangePage& page) {
  std::size_t bytes = 0;
  for (const Change& change : page.changes) bytes += MemoryOf(change);
  return bytes;
}

// Reads the records that a query selects, or aggregates over them.
struct QueryRequest {
  Query query;
  std::optional<CommitPoint> not_before = {};  // from a read-your-writes token: wait for it
  bool fresh = false;                          // as RecordRequest::fresh
  Deadline deadline = Deadline::max();
  std::stop_token gone = {};  // stopped when the caller is gone; the read then ends
};

// Asks what is kept of a log.
struct ChangeWindowRequest {
  const dictionary::Entity* entity = nullptr;
  std::optional<ChangePosition> after;      // count what follows
  std::optional<std::string> partition_id;  // of what is counted
  std::int64_t count_limit = 100'000;       // most log rows to read for the count
  bool fresh = false;                       // as RecordRequest::fresh
  Deadline deadline = Deadline::max();
  std::stop_token gone = {};  // as RecordRequest::gone
};

struct ChangeWindow {
  PageEnd oldest;                             // the first position that can still be used
  PageEnd newest;                             // the head
  std::optional<Timestamp> oldest_logged_at;  // of the oldest change that is kept
  std::optional<Timestamp> newest_logged_at;
  Timestamp as_of;                         // database time
  std::int64_t pending = 0;                // log rows after `after`
  bool more_pending = false;               // more rows follow than were counted
  std::optional<Timestamp> pending_since;  // when the first of them was logged
};

// The metadata of EXPIRED_VERSION_STAMP with the bytes of the oldest position that can still be used, for
// services/feed/oldest_token.h. It must not reach a caller.
inline constexpr char kOldestPosition[] = "oldest_position";

class Store {
 public:
  template <typename T>
  using Callback = std::function<void(Result<T>)>;

  virtual ~Store() = default;

  // Executes the call's rows; the failure of a row is its verdict, not an error. WRITE_OUTCOME_UNKNOWN: the call was
  // sent and its outcome is unknown. Any other error: nothing of it was executed.
  virtual void Write(WriteRequest call, Callback<WriteOutcome> done) = 0;

  // Returns nullopt if there is no such record. FEED_HISTORY_CHANGED: `not_before` belongs to a lost history.
  // FEED_REPLICA_BEHIND: it was not reached within three seconds or the deadline.
  virtual void Retrieve(RecordRequest call, Callback<std::optional<StoredRecord>> done) = 0;

  // Returns one page, or the groups. AGGREGATE_QUERY_RECORD_LIMIT_EXCEEDED: the grouping has too many records or
  // groups. FEED_HISTORY_CHANGED, FEED_REPLICA_BEHIND: as by Retrieve.
  virtual void RetrieveMultiple(QueryRequest call, Callback<QueryPage> done) = 0;

  // Returns one page of the feed. EXPIRED_VERSION_STAMP (metadata "oldest_sequence_number" and kOldestPosition),
  // FEED_HISTORY_CHANGED, FEED_REPLICA_BEHIND (this server does not have the position yet: ask again).
  // INVALID_DATE_TIME: `start_at` is in the future.
  virtual void ReadChanges(ChangePageRequest call, Callback<ChangePage> done) = 0;

  // Returns what is kept of the log. Errors: those of ReadChanges.
  virtual void RetrieveChangeWindow(ChangeWindowRequest call, Callback<ChangeWindow> done) = 0;

  // Returns a position that begins the load again and then continues with the changes after `position`.
  virtual ChangePosition RestartLoad(const ChangePosition& position) const = 0;

  // Returns the position in a page that ends at `end` up to which the log row `seq` is delivered, and none after it.
  virtual PageEnd EndBefore(const PageEnd& end, std::int64_t seq) const = 0;

  // Returns the later point of one history; of two histories, `b`.
  virtual CommitPoint LaterPoint(const CommitPoint& a, const CommitPoint& b) const = 0;

  // `listener` is called, from any thread and possibly often, with the newest known sequence number of an entity's log:
  // at once after a commit through this store, within the poll interval for commits of others. There is one listener;
  // set it before the first call. It must not block.
  using CommitListener = std::function<void(const dictionary::Entity&, std::int64_t head)>;
  virtual void SetCommitListener(CommitListener listener) = 0;

  // Whether the database answers and is migrated. `listener` is called on every change; the same rules apply.
  virtual void SetReadyListener(std::function<void(bool ready)> listener) = 0;

  // Secrets for tokens, by key id; the last one signs, all verify. Keys are added and removed while the server runs.
  // Empty until the store is first ready.
  virtual std::vector<std::pair<std::uint8_t, std::string>> TokenKeys() const = 0;

  // For a token whose key is not among them. True: no server signs with it. False: this server may not have read the
  // key yet; ask again later. Does not block.
  virtual bool LacksTokenKey(std::uint8_t /*id*/) { return true; }
};

}  // namespace journeyfeed
