// A consumer of an entity's change feed that continues from its place, whatever happens to the connection.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "journeyfeed/client/checkpoint.h"
#include "journeyfeed/client/feed_error.h"
#include "journeyfeed/client/feed_health.h"
#include "journeyfeed/entity/v1/entity_messages.pb.h"

namespace journeyfeed::client {

// What happens when the token cannot be continued.
enum class WhenLost {
  kFail,               // both reasons end the run with their error
  kReloadWhenExpired,  // an expired token begins a new load; a lost history is an error
  kReload,             // both begin a new load
};

struct FeedOptions {
  // Full name of the entity's gRPC service; ServiceOf<Record>() of journeyfeed/client/typed.h.
  std::string service = {};
  std::vector<std::string> columns = {};         // empty: all
  std::optional<std::string> partition_id = {};  // of an elastic entity: only its records
  bool follow = true;                            // false: the run ends at the newest change
  bool skip_initial_load = false;                // without a token: begin at the newest change
  std::int64_t max_changes = 0;                  // of the run, over all streams; 0: no limit
  std::int32_t max_changes_per_message = 0;      // 0: the service's choice
  // A stream that follows and is silent for three times as long (at least a second) is dead and replaced; before its
  // first message it has a minute.
  std::chrono::milliseconds progress_interval = std::chrono::seconds(10);
  WhenLost when_lost = WhenLost::kReload;
  // Sent with every call: {"x-user-id", ...}.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  // Attempts in a row without a message after which a temporary error ends the run; 0: no limit. A run that follows has
  // none once it has received a message.
  int max_attempts = 0;
  // Told of each temporary error and the pause after it, on the thread of Run.
  std::function<void(const FeedError& error, std::chrono::milliseconds pause)> on_retry = {};
};

// One message of the feed. A consumer does this in one transaction:
//   1. with `resync`, if it keeps no generations: empty the copy;
//   2. write the changed records with `checkpoint.generation`. A row of the same generation is overwritten only by a
//      version that is not older; a row of an older one always, since versions of a lost history may be higher;
//   3. delete the removed ones under the same condition. A removed record may be one that it does not have;
//   4. with `sweep`: delete every row of an older generation;
//   5. store `checkpoint`.
struct Batch {
  // The changes; a record is bytes (ReadRecord of typed.h).
  const entity::v1::RetrieveEntityChangesResponse& message;
  // A new load begins here, because the place was lost. `checkpoint` has a new generation.
  bool resync = false;
  // The load is complete, and so are the changes that were made during it: with this batch the copy is a state that the
  // database had. Not before, since a record that moves during the load is only among those changes.
  bool sweep = false;
  Checkpoint checkpoint = {};
};

enum class Next { kContinue, kStop };

// Called for every message, also those without changes, on the thread of Run. The batch counts as processed when this
// returns kContinue. While it runs nothing is received: the service waits, and ends a stream that waits too long.
using BatchHandler = std::function<Next(const Batch& batch)>;

class FeedConsumer {
 public:
  FeedConsumer(std::shared_ptr<grpc::Channel> channel, FeedOptions options);
  ~FeedConsumer();
  FeedConsumer(const FeedConsumer&) = delete;
  FeedConsumer& operator=(const FeedConsumer&) = delete;

  // Hands over the batches after `from`. Returns when the handler or `stop` ends it, or when everything is delivered
  // and the consumer does not follow. Streams that end or break are continued from the last processed batch: after the
  // pause that the service asks for, else after 0.2 s, twice as long each time up to 30 s, with jitter. A message
  // begins that anew. Fails with a permanent error: what to do about it is its `action`. One run at a time.
  std::expected<void, FeedError> Run(Checkpoint from, const BatchHandler& handle, std::stop_token stop = {});

  // Thread-safe. Counts over all runs.
  FeedHealth health() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace journeyfeed::client
