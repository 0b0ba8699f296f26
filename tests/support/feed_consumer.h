// A consumer of RetrieveEntityChanges of sessions over the network. It stores its token after processing a message and
// resumes from it.
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

// A connection that shares nothing with others of this process, for messages of any size.
std::shared_ptr<grpc::Channel> ConnectAlone(const std::string& address);

struct ConsumeOptions {
  bool follow = true;
  int max_changes_per_message = 0;
  std::chrono::milliseconds progress_interval{200};
  std::chrono::milliseconds limit = std::chrono::seconds(60);
};

// One thread at a time.
class FeedConsumer {
 public:
  enum class Next { kGoOn, kStop, kDie };

  // Reads the token keys from the database, so that the checks can decode tokens.
  explicit FeedConsumer(const std::string& database_url, std::optional<std::string> partition_id = {});

  // Makes one call from the stored token. Calls `next` for every message that arrives: kDie leaves the message
  // unprocessed, like a consumer that is killed; the other answers process it and store its token. A call that was left
  // has the status CANCELLED.
  grpc::Status Follow(const std::shared_ptr<grpc::Channel>& channel, const ConsumeOptions& options,
                      const std::function<Next(const RecordedMessage&)>& next);

  const RecordedFeed& feed() const { return feed_; }
  bool AtOrAfter(std::int64_t seq) const;
  const std::string& token() const { return token_; }
  // How long the server asks the consumer to wait, if it ended the last stream in that way.
  std::optional<std::chrono::milliseconds> reconnect_after() const { return reconnect_after_; }

 private:
  const feed::TokenCodec codec_;
  const std::optional<std::string> partition_id_;
  const std::uint64_t view_;
  RecordedFeed feed_;
  std::string token_;
  std::optional<std::chrono::milliseconds> reconnect_after_;
};

}  // namespace journeyfeed::testing
