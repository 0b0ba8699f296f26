// BulkDelete: removes what a filter selects, in batches, and says after each how far it is.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "services/call/stream_call.h"
#include "services/call/stream_lifetime.h"
#include "services/entity/query_request.h"
#include "services/entity/query_settings.h"
#include "services/feed/token.h"
#include "storage/base/pause.h"
#include "storage/base/timer.h"
#include "storage/query.h"
#include "storage/store.h"

namespace journeyfeed::entity_service {

// A checked request.
struct BulkDeletePlan {
  const dictionary::Entity* entity = nullptr;
  std::optional<Condition> filter;  // absent: everything, asked for by `all`
  std::optional<std::string> partition_id;
  bool dry_run = false;
};

// All violations at once. A filter that selects everything because it is empty is one, unless `all` is set.
Result<BulkDeletePlan> CheckBulkDelete(const dictionary::Entity& entity, const QuerySettings& settings,
                                       const entity::v1::BulkDeleteRequest& request, const Asker& asker);

// One call. One thing is under way at a time: the page of keys, the batch, the message about it, or a pause; each is
// begun by the end of the one before, on whichever thread that is. Between two of them the call may end: when its
// caller has gone or its deadline is over, when the server drains, or when it has lived as long as streams may. A batch
// that was begun is finished even when its caller has gone. Memory: one page of keys.
class BulkDeleteStream final : public call::StreamCall {
 public:
  // What the references name outlives the stream. `tokens` is for its session tokens, `timer` for its pauses.
  BulkDeleteStream(call::StreamArguments arguments, Store& store, const feed::TokenCodec& tokens,
                   call::StreamLifetime& lifetime, Timer& timer, BulkDeletePlan plan);

 private:
  using Clock = std::chrono::steady_clock;
  // A record as a page showed it.
  struct Seen {
    RecordKey key;
    std::int64_t version;
  };

  void OnStart() override;
  void OnWritten(bool ok) override;

  void Begin(const Result<ChangePage>& state);
  void ReadPage();
  void TakePage(const Result<QueryPage>& page);
  void Delete(const std::vector<Seen>& records);
  void TakeOutcome(const std::vector<Seen>& records, const Result<WriteOutcome>& outcome);
  void ChooseNextPage();
  void Report();
  // Why what matched is not all gone, at the end; nothing when it is.
  std::optional<Failure> FailureAtEnd() const;

  // Whether the call ends here, which it then does.
  bool EndsNow();
  void EndEarly(entity::v1::StreamEnd::Reason reason);
  Query PageQuery() const;
  std::vector<Seen> ReadKeys(const QueryPage& page) const;
  entity::v1::BulkDeleteResponse ReportOf(bool done) const;
  Deadline StepDeadline() const;
  std::shared_ptr<BulkDeleteStream> Self();

  Store& store_;
  const feed::TokenCodec& tokens_;
  call::StreamLifetime& lifetime_;
  Timer& timer_;
  const BulkDeletePlan plan_;
  const Clock::time_point ends_at_;

  // Touched by the step that is under way.
  Timestamp began_;                         // by the database's clock
  std::optional<PagePosition> next_;        // where the next page of all records starts
  std::set<RecordKey> again_;               // records that had changed: the next page is of these
  std::optional<PagePosition> again_next_;  // where that page starts
  std::set<RecordKey> changed_;             // those of them that had changed once more
  Backoff backoff_;                         // before each attempt at the records of again_
  std::chrono::milliseconds pause_{};       // before the next page
  std::int64_t deleted_ = 0;
  std::int64_t kept_changing_ = 0;
  std::int64_t refused_ = 0;  // by their status
  std::int64_t remaining_ = 0;
  std::optional<CommitPoint> point_;
  bool reported_ = false;
};

}  // namespace journeyfeed::entity_service
