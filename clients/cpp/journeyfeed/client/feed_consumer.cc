#include "journeyfeed/client/feed_consumer.h"

#include <grpcpp/generic/generic_stub.h>

#include "journeyfeed/client/feed_run.h"

namespace journeyfeed::client {

struct FeedConsumer::State {
  grpc::GenericStub stub;
  const FeedOptions options;
  HealthBoard health = {};
};

FeedConsumer::FeedConsumer(std::shared_ptr<grpc::Channel> channel, FeedOptions options)
    : state_(new State{grpc::GenericStub(std::move(channel)), std::move(options)}) {}

FeedConsumer::~FeedConsumer() = default;

std::expected<void, FeedError> FeedConsumer::Run(Checkpoint from, const BatchHandler& handle, std::stop_token stop) {
  return FeedRun(state_->stub, state_->options, state_->health, std::move(from), handle, std::move(stop)).Run();
}

FeedHealth FeedConsumer::health() const { return state_->health.Get(); }

}  // namespace journeyfeed::client
