// One call of RetrieveEntityChanges, whose messages have to come within a time.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "journeyfeed/client/feed_error.h"
#include "journeyfeed/entity/v1/entity_messages.pb.h"

namespace journeyfeed::client {

using Metadata = std::vector<std::pair<std::string, std::string>>;

// One thread. A stop cancels the call, from any thread.
class FeedStream {
 public:
  FeedStream(grpc::GenericStub& stub, const std::string& service,
             const entity::v1::RetrieveEntityChangesRequest& request, const Metadata& metadata, std::stop_token stop);
  // Cancels a call that was not finished.
  ~FeedStream();
  FeedStream(const FeedStream&) = delete;
  FeedStream& operator=(const FeedStream&) = delete;

  // Waits for the next message. False: the call ended, or `patience` passed; Finish says which.
  bool Read(entity::v1::RetrieveEntityChangesResponse& message, std::chrono::milliseconds patience);
  // Of the last message that was read.
  std::size_t bytes() const { return bytes_; }
  // How the call ended; cancels it if it has not. At most once, and nothing after it.
  std::expected<void, FeedError> Finish();

 private:
  void Open(const std::string& method, const grpc::ByteBuffer& request);
  // Whether the operation that was begun succeeded in time. One that did not is cancelled.
  bool Await(std::chrono::milliseconds patience);
  bool AwaitEnd();
  std::string CorrelationId() const;

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  std::stop_callback<std::function<void()>> cancel_;
  std::size_t bytes_ = 0;
  std::chrono::milliseconds patience_{};  // that passed
  bool silent_ = false;
  bool damaged_ = false;
  bool open_ = false;  // operations succeed
  bool finished_ = false;
};

}  // namespace journeyfeed::client
