// A unary method: raw bytes in, raw bytes out, and everything around the handler.
//
//   service.Unary<DeleteRequest, DeleteResponse>("Delete", [&](call::Call<DeleteRequest, DeleteResponse> call) {
//     …
//     call.Finish(…);
//   });
//
// The handler runs on one of gRPC's two callback threads, or on the request pool if the request is large. It must not
// block, but hands the call to the thread that answers it. Exceptions that leave it become INTERNAL / UNEXPECTED.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <exception>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "services/call/call_record.h"
#include "services/call/method.h"
#include "services/call/request_pool.h"
#include "services/call/wire_message.h"
#include "storage/failure.h"

namespace journeyfeed::call {

// The part of a call that does not depend on its types. Lives until gRPC is done with it and the last handle is gone.
class UnaryCall : public grpc::ServerUnaryReactor {
 public:
  const CallContext& context() const { return record_.context(); }
  bool cancelled() const { return gone_.stop_requested(); }
  std::stop_token gone() const { return gone_.get_token(); }

  // The first of these ends the call, from any thread. Later ones only write a log line.
  void Succeed(const google::protobuf::MessageLite& response) { Succeed(SerializeMessage(response)); }
  void Succeed(grpc::ByteBuffer response);
  void Fail(const Failure& error);
  void FailUnexpected(const char* what) { Fail(UnexpectedFailure(record_, what)); }
  void FailMalformed() { Fail(MalformedRequest(*record_.method().request_type)); }

  void AddHandle() { handles_.fetch_add(1, std::memory_order_relaxed); }
  void DropHandle();

 protected:
  // `response` belongs to gRPC and is valid until the call is finished.
  UnaryCall(const Method& method, grpc::CallbackServerContext* context, grpc::ByteBuffer* response)
      : server_context_(context), response_(response), record_(method) {}
  ~UnaryCall() override = default;

  // Takes the bytes and counts the arrival. Returns false if it finished the call with an error.
  bool Admit(grpc::ByteBuffer& raw);
  // Runs `serve` here, or on the pool if the request is large.
  void Schedule(RequestPool::Work serve);
  // Checks and parses the bytes, and frees them. Returns false if it finished the call with an error.
  bool Parse(google::protobuf::Message& request);

 private:
  std::optional<Failure> Waited() const;
  bool IsForPool() const;
  bool Claim();
  void Release();
  void OnDone() override { Release(); }
  void OnCancel() override { gone_.request_stop(); }
  // Both reactions above are short (waiters for `gone` are only woken), so gRPC may run them inline instead of on
  // another thread: docs/decisions/0005-call-glue.md says what that saves.
  bool InternalInlineable() override { return true; }

  grpc::CallbackServerContext* const server_context_;  // valid until finished
  grpc::ByteBuffer* const response_;
  CallRecord record_;
  MemoryShare memory_;    // of a large request; freed after the request, which is a member of the derived class
  grpc::ByteBuffer raw_;  // from Admit to Parse
  std::stop_source gone_;
  std::atomic<bool> finished_ = false;
  std::atomic<int> handles_ = 0;
  std::atomic<int> owners_ = 2;  // gRPC, and all handles together
};

template <typename Request, typename Response>
class Call;

template <typename Request, typename Response>
class TypedUnaryCall final : public UnaryCall {
 public:
  using UnaryCall::Admit;
  using UnaryCall::Parse;
  using UnaryCall::Schedule;
  TypedUnaryCall(const Method& method, grpc::CallbackServerContext* context, grpc::ByteBuffer* response)
      : UnaryCall(method, context, response) {}
  Request request;
};

// A handle of one call. Cheap to copy and to move; different threads may use copies. If the last one goes without
// Finish, the call ends with INTERNAL / UNEXPECTED.
template <typename Request, typename Response>
class Call {
 public:
  explicit Call(TypedUnaryCall<Request, Response>* state) : state_(state) { state_->AddHandle(); }
  Call(const Call& other) : state_(other.state_) {
    if (state_) state_->AddHandle();
  }
  Call(Call&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Call& operator=(Call other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Call() {
    if (state_) state_->DropHandle();
  }

  const Request& request() const { return state_->request; }
  // For moving parts out; one thread at a time.
  Request& mutable_request() const { return state_->request; }
  const CallContext& context() const { return state_->context(); }
  // The caller is gone. Answering is allowed and has no effect.
  bool cancelled() const { return state_->cancelled(); }
  // Stopped when the caller is gone, for code that works for the call. Reactions must be short and must not block.
  std::stop_token gone() const { return state_->gone(); }

  // Ends the call, from any thread. The response is serialised before this returns. Later calls have no effect.
  void Finish(const Result<Response>& result) const {
    if (result) {
      state_->Succeed(*result);
    } else {
      state_->Fail(result.error());
    }
  }

  // The same for a record within the request that is no message of its type.
  void FinishMalformed() const { state_->FailMalformed(); }

  // The same for a serialised response.
  void FinishSerialized(std::string response) const { state_->Succeed(WrapSerialized(std::move(response))); }

 private:
  TypedUnaryCall<Request, Response>* state_;
};

// Runs `work`; an exception ends the call.
template <typename Work>
void EndingOnException(UnaryCall& call, const Work& work) {
  try {
    work();
  } catch (const std::exception& e) {
    call.FailUnexpected(e.what());
  } catch (...) {
    call.FailUnexpected("not a std::exception");
  }
}

// Serves one call. `handler` is callable as void(Call<Request, Response>). It must outlive the call.
template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* ServeUnary(const Method& method, grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* raw, grpc::ByteBuffer* response, const Handler& handler) {
  static_assert(std::is_invocable_v<const Handler&, Call<Request, Response>>);
  auto* state = new TypedUnaryCall<Request, Response>(method, context, response);
  // Kept while the handler runs, so that an exception is reported as such and not as a dropped call.
  const Call<Request, Response> call(state);
  EndingOnException(*state, [&] {
    // gRPC passes its own, mutable buffer as const. Taking the bytes keeps a waiting call from holding its request
    // twice.
    if (!state->Admit(const_cast<grpc::ByteBuffer&>(*raw))) return;
    state->Schedule([state, call, &handler] {
      EndingOnException(*state, [&] {
        if (state->Parse(state->request)) handler(call);
      });
    });
  });
  return state;
}

}  // namespace journeyfeed::call
