// A gRPC service whose methods are registered raw, by name, and checked against its descriptor. It does what generated
// base classes do, but puts the call template around every method, and serves every entity.
//
//   auto service = std::make_unique<call::RawService>("journeyfeed.journeyrunsession.v1.JourneyRunSessionService",
//                                                     metrics, policy);
//   service->Unary<DeleteRequest, DeleteResponse>("Delete", handler);
//   service->Stream<RetrieveEntityChangesRequest, RetrieveEntityChangesResponse>("RetrieveEntityChanges", factory);
#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/server_callback.h>
#if __has_include(<grpcpp/impl/server_callback_handlers.h>)
#include <grpcpp/impl/server_callback_handlers.h>
#else  // gRPC 1.51
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#endif

#include <memory>
#include <string>
#include <vector>

#include "journeyfeed/entity/v1/options.pb.h"
#include "services/call/method.h"
#include "services/call/stream_call.h"
#include "services/call/unary_call.h"

namespace journeyfeed::call {

// How large the requests of a method may be.
enum class RequestSize {
  kOfItsType,  // max-message-bytes if the request holds a record or rows, else kMaxPlainBytes
  kLarge,      // max-message-bytes
};

// Methods are added before the server starts. A method that does not fit the descriptor throws std::logic_error.
class RawService final : public grpc::Service {
 public:
  // The metrics of every method of the descriptor appear at zero, with or without a handler. `table`: the type of the
  // entity that the service serves; then handlers may have the common types of
  // journeyfeed/entity/v1/entity_messages.proto.
  RawService(const std::string& full_name, Metrics& metrics, const Policy& policy,
             entity::v1::TableType table = entity::v1::TABLE_TYPE_UNSPECIFIED);

  // `handler`: see ServeUnary. The service keeps it until its end and calls it from many threads at once.
  template <typename Request, typename Response, typename Handler>
  void Unary(const std::string& name, Handler handler, RequestSize size = RequestSize::kOfItsType) {
    const Method& method = Declare(name, Request::descriptor(), Response::descriptor(), /*streaming=*/false, size);
    AddRaw(method, grpc::internal::RpcMethod::NORMAL_RPC,
           new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
               [&method, handler = std::move(handler)](grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
                 return ServeUnary<Request, Response>(method, context, request, response, handler);
               }));
  }

  // `factory`: see ServeStream; kept like a handler.
  template <typename Request, typename Response, typename Factory>
  void Stream(const std::string& name, Factory factory) {
    const Method& method = Declare(name, Request::descriptor(), Response::descriptor(), /*streaming=*/true);
    AddRaw(method, grpc::internal::RpcMethod::SERVER_STREAMING,
           new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
               [&method, factory = std::move(factory)](grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request) {
                 return ServeStream<Request>(method, context, request, factory);
               }));
  }

  const std::string& full_name() const { return descriptor_.full_name(); }
  // Throws std::logic_error that names the methods of the descriptor without a handler.
  void RequireAllMethods() const;

 private:
  struct Slot {
    const google::protobuf::MethodDescriptor* descriptor;
    Method method;
    bool handled = false;
  };

  const Method& Declare(const std::string& name, const google::protobuf::Descriptor* request,
                        const google::protobuf::Descriptor* response, bool streaming,
                        RequestSize size = RequestSize::kOfItsType);
  void RequireForm(const Slot& slot, const google::protobuf::Descriptor& declared,
                   const google::protobuf::Descriptor& handled) const;
  // Takes ownership of the handler.
  void AddRaw(const Method& method, grpc::internal::RpcMethod::RpcType type, grpc::internal::MethodHandler* handler);

  const google::protobuf::ServiceDescriptor& descriptor_;
  const entity::v1::TableType table_;
  std::vector<std::unique_ptr<Slot>> slots_;
  int registered_ = 0;
};

}  // namespace journeyfeed::call
