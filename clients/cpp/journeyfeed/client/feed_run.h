// One run of a FeedConsumer: the streams one after the other.
#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <functional>
#include <mutex>
#include <optional>

#include "journeyfeed/client/feed_consumer.h"
#include "storage/base/pause.h"

namespace journeyfeed::client {

// The health that one thread writes and others read.
class HealthBoard {
 public:
  FeedHealth Get() const;
  void Change(const std::function<void(FeedHealth&)>& change);

 private:
  mutable std::mutex mutex_;
  FeedHealth health_;  // guarded by mutex_
};

// One thread. The constructor's arguments must outlive it.
class FeedRun {
 public:
  FeedRun(grpc::GenericStub& stub, const FeedOptions& options, HealthBoard& health, Checkpoint from,
          const BatchHandler& handle, std::stop_token stop);

  std::expected<void, FeedError> Run();

 private:
  // How a stream ended.
  struct Ending {
    std::optional<FeedError> error;
    std::optional<entity::v1::StreamEnd> end;
  };

  Ending OneStream();
  entity::v1::RetrieveEntityChangesRequest Request() const;
  std::chrono::milliseconds Patience(bool received) const;
  void Receive(const entity::v1::RetrieveEntityChangesResponse& message, std::size_t bytes);
  // Takes the message into the place, before it is handed over.
  Batch MakeBatch(const entity::v1::RetrieveEntityChangesResponse& message);
  void LoadAgain();
  bool IsComplete(const Ending& ending) const;
  // The pause before the next stream, or the reason why there is none.
  std::expected<std::chrono::milliseconds, FeedError> Delay(const Ending& ending);
  // Whether the error begins a new load.
  bool Reloads(const FeedError& error) const;

  grpc::GenericStub& stub_;
  const FeedOptions& options_;
  HealthBoard& health_;
  const BatchHandler& handle_;
  const std::stop_token stop_;
  Checkpoint place_;
  std::int64_t changes_left_;  // of max_changes
  Backoff backoff_;
  bool resync_ = false;    // the next batch reports it
  bool received_ = false;  // whether any message was ever received
  bool done_ = false;      // the handler stopped, or max_changes was reached
};

}  // namespace journeyfeed::client
