// How a consumer is doing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "journeyfeed/client/feed_error.h"
#include "journeyfeed/entity/v1/feed.pb.h"

namespace journeyfeed::client {

struct FeedHealth {
  using Time = std::chrono::system_clock::time_point;

  bool connected = false;  // the present stream has delivered a message and has not ended
  entity::v1::ChangePhase phase = entity::v1::CHANGE_PHASE_UNSPECIFIED;
  std::optional<Time> last_message = {};              // by this machine's clock
  std::optional<Time> as_of = {};                     // by the database's clock: the copy knows what was committed then
  std::optional<std::chrono::milliseconds> lag = {};  // behind the newest committed change, as of then
  std::int64_t messages = 0;
  std::int64_t changes = 0;
  std::int64_t bytes = 0;                    // of messages
  std::int64_t reconnects = 0;               // streams after the first
  std::int64_t resyncs = 0;                  // loads that began because the place was lost
  std::optional<FeedError> last_error = {};  // stays when the stream recovers
};

}  // namespace journeyfeed::client
