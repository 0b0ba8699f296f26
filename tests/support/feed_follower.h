// A consumer of RetrieveEntityChanges of sessions over the network, which stores its token after processing and resumes
// from it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "services/feed/token.h"
#include "tests/support/feed_record.h"

namespace journeyfeed::testing {

struct FollowOptions {
  bool follow = true;
  int max_changes_per_message = 0;
  std::chrono::milliseconds progress_interval{200};
  std::chrono::milliseconds limit = std::chrono::seconds(60);
};

// One thread at a time.
class FeedFollower {
 public:
  enum class Next { kGoOn, kStop, kDie };

  // Reads the keys of the tokens from the database, so that it can tell the checks what its tokens say.
  explicit FeedFollower(const std::string& database_url);

  // One call, from the stored token on. `next` is asked about every message when it has arrived: kDie leaves it
  // unprocessed, as a consumer does that is killed; the others process it and store its token. The status of a call
  // that was left is CANCELLED.
  grpc::Status Follow(const std::shared_ptr<grpc::Channel>& channel, const FollowOptions& options,
                      const std::function<Next(const RecordedMessage&)>& next);

  const RecordedFeed& feed() const { return feed_; }
  bool AtOrAfter(std::int64_t seq) const;
  const std::string& token() const { return token_; }
  // How long the server wants the consumer to wait, when it ended the last stream that way.
  std::optional<std::chrono::milliseconds> reconnect_after() const { return reconnect_after_; }

 private:
  const feed::TokenCodec codec_;
  const std::uint64_t view_;
  RecordedFeed feed_;
  std::string token_;
  std::optional<std::chrono::milliseconds> reconnect_after_;
};

}  // namespace journeyfeed::testing
