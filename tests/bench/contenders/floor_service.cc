// The gRPC side of the floor.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <iostream>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "storage/types.h"
#include "tests/bench/contenders/floor.h"
#include "tests/bench/contenders/floor_hub.h"

namespace journeyfeed::bench {
namespace {

namespace v1 = journeyrunsession::v1;
using Base = v1::JourneyRunSessionService::WithCallbackMethod_Create<
    v1::JourneyRunSessionService::WithCallbackMethod_CreateMultiple<
        v1::JourneyRunSessionService::WithRawCallbackMethod_RetrieveEntityChanges<
            v1::JourneyRunSessionService::Service>>>;

// As --feed-coalesce of the server.
constexpr std::chrono::milliseconds kLongestRest{12};

class FloorService final : public Base {
 public:
  grpc::ServerUnaryReactor* Create(grpc::CallbackServerContext* context, const v1::CreateRequest* request,
                                   v1::CreateResponse* response) override {
    v1::RetrieveEntityChangesResponse changes;
    AddChange(request->target(), changes);
    hub_.Publish(changes.SerializeAsString());
    response->set_id(changes.changes(0).new_or_updated_entity().id());
    return Answer(context);
  }

  grpc::ServerUnaryReactor* CreateMultiple(grpc::CallbackServerContext* context,
                                           const v1::CreateMultipleRequest* request,
                                           v1::CreateMultipleResponse* response) override {
    v1::RetrieveEntityChangesResponse changes;
    for (const auto& target : request->targets()) {
      AddChange(target, changes);
      response->add_results()->set_id(changes.changes().rbegin()->new_or_updated_entity().id());
    }
    hub_.Publish(changes.SerializeAsString());
    return Answer(context);
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* RetrieveEntityChanges(grpc::CallbackServerContext*,
                                                                    const grpc::ByteBuffer*) override {
    return hub_.Follow();
  }

 private:
  static grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context) {
    auto* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  // As large as the change that the server sends for such a session.
  void AddChange(const v1::JourneyRunSession& target, v1::RetrieveEntityChangesResponse& changes) {
    const std::int64_t number = ++changes_;
    auto& change = *changes.add_changes();
    auto& entity = *change.mutable_new_or_updated_entity();
    entity = target;
    entity.set_id(Uuid::MakeV7().ToString());
    if (!entity.has_partition_id()) entity.set_partition_id(entity.id());
    const std::string user = Uuid::MakeV7().ToString();
    entity.set_created_by(user);
    entity.set_modified_by(user);
    entity.mutable_created_on()->set_seconds(std::time(nullptr));
    entity.mutable_modified_on()->set_seconds(std::time(nullptr));
    change.set_version_number(number);
    change.set_sequence_number(number);
    change.set_message(entity::v1::MESSAGE_NAME_CREATE);
    change.mutable_commit_time()->set_seconds(std::time(nullptr));
    change.set_call_end(true);
  }

  std::atomic<std::int64_t> changes_ = 0;
  FloorHub hub_{kLongestRest};
};

// What services/server.cc sets for connections: keepalive costs memory and timers for each.
void SetConnectionOptions(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 1800000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 4096);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

int ServeFloor(std::uint16_t port) {
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);  // before gRPC starts threads
  FloorService service;
  grpc::ServerBuilder builder;
  SetConnectionOptions(builder);
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (!server) return 1;
  int signal = 0;
  sigwait(&end, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace journeyfeed::bench
