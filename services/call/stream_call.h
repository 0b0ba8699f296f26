// A server-streaming method: the state machine under the feed's streams.
//
// Thread rules
//   - Any thread that holds a shared_ptr may call Write, FinishOnce, Abort, ended and context at any time. Long after
//     the end they do nothing. No lock is held while gRPC or a callback runs, except during TryCancel.
//   - OnStart comes first, once, before any other callback. OnWritten calls never overlap. OnCancelled comes at most
//     once and may overlap OnWritten. Callbacks run on gRPC's threads: they must not block.
//   - One write is in flight at a time. Its message is kept alive until it is done. After FinishOnce no write begins;
//     the end waits for the write in flight, whose OnWritten is not called unless it was already on its way.
//   - Every stream ends: a failed write or a cancelled call ends the stream here if the derived class does not.
//   - gRPC's OnDone drops the stream's reference to itself. The stream is destroyed then, or with the last shared_ptr.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "services/call/call_record.h"
#include "services/call/request_parts_limit.h"
#include "services/call/wire_message.h"

namespace journeyfeed::call {

// What a stream is made from. Derived classes only pass it on.
struct StreamArguments {
  grpc::CallbackServerContext* server_context;
  CallRecord record;
};

class StreamCall : public std::enable_shared_from_this<StreamCall>, private grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  // A serialised response. Many streams may share it; it must not change while a stream writes it.
  using Message = std::shared_ptr<const grpc::ByteBuffer>;

  explicit StreamCall(StreamArguments arguments);
  ~StreamCall() override = default;
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  const CallContext& context() const { return record_.context(); }
  // Nothing more will be written: FinishOnce was called, or the caller is gone.
  bool ended() const { return ending_.load(std::memory_order_acquire); }
  // Stopped when the stream ends, for code that works for it. Reactions must be short and must not block.
  std::stop_token gone() const { return gone_.get_token(); }

  // Begins to write. Returns false, and does nothing, if a write is in flight or the stream has ended. `more_follows`
  // lets gRPC wait for the next message before it sends.
  bool Write(Message message, bool more_follows = false);

  // Ends the stream, with OK if there is no error. Only the first call counts. `last` is sent before the status, after
  // the write in flight. A caller that does not read delays the end: Abort or the server's drain cuts it short.
  void FinishOnce(std::optional<Failure> error = {}, Message last = nullptr);

  // Cancels the call: the caller sees CANCELLED at once, whether it reads or not.
  void Abort();

  // Hands a new stream to gRPC: runs OnStart and returns the reactor. Called once.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Launch(std::shared_ptr<StreamCall> stream);

 protected:
  // Runs `work` on a thread that is not gRPC's. An exception ends the stream with UNEXPECTED; otherwise its caller
  // would wait forever.
  template <typename Work>
  void EndingOnException(const Work& work) {
    try {
      work();
    } catch (const std::exception& e) {
      FinishOnce(UnexpectedFailure(record_, e.what()));
    } catch (...) {
      FinishOnce(UnexpectedFailure(record_, "not a std::exception"));
    }
  }

 private:
  virtual void OnStart() = 0;
  // The transport took the message of the last Write (it buffers 4-5 MB before it stops taking messages), or the
  // message is lost (`ok` is false) and the stream is about to end.
  virtual void OnWritten(bool ok) = 0;
  // The caller is gone, its deadline has passed, or the server shuts down. The stream ends after this returns.
  virtual void OnCancelled() {}

  void EndNow();
  void OnWriteDone(bool ok) final;
  void OnCancel() final;
  void OnDone() final;

  grpc::CallbackServerContext* const server_context_;  // valid until done_
  CallRecord record_;
  std::shared_ptr<StreamCall> self_;  // from Launch to OnDone
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> ending_ = false;  // written under mutex_
  std::stop_source gone_;

  std::mutex mutex_;      // guards the following members
  bool writing_ = false;  // between StartWrite and OnWriteDone
  std::size_t bytes_written_ = 0;
  bool done_ = false;             // after OnDone
  Message in_flight_;             // set while writing_
  std::optional<Failure> error_;  // from FinishOnce; constant once ending_
  Message last_;                  // same
};

// A stream that ends at once with an error.
class RejectedStream final : public StreamCall {
 public:
  RejectedStream(StreamArguments arguments, Failure error)
      : StreamCall(std::move(arguments)), error_(std::move(error)) {}

 private:
  void OnStart() override { FinishOnce(std::move(error_)); }
  void OnWritten(bool) override {}
  Failure error_;
};

// Serves one stream. `factory` is callable as Result<std::shared_ptr<StreamCall>>(StreamArguments, Request). It runs on
// a gRPC thread and must not block.
template <typename Request, typename Factory>
grpc::ServerWriteReactor<grpc::ByteBuffer>* ServeStream(const Method& method, grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* raw, const Factory& factory) {
  static_assert(std::is_invocable_r_v<Result<std::shared_ptr<StreamCall>>, const Factory&, StreamArguments, Request>);
  StreamArguments arguments{context, CallRecord(method)};
  std::optional<Failure> error = arguments.record.Arrive(*context, raw->Length(), /*unary=*/false);
  std::shared_ptr<StreamCall> stream;
  try {
    Request request;
    if (!error) error = ParseRequest(*raw, *method.request_type, request);
    if (!error) {
      auto made = factory(arguments, std::move(request));
      if (made) {
        stream = *std::move(made);
      } else {
        error = std::move(made).error();
      }
    }
  } catch (const std::exception& e) {
    error = UnexpectedFailure(arguments.record, e.what());
  } catch (...) {
    error = UnexpectedFailure(arguments.record, "not a std::exception");
  }
  if (error) stream = std::make_shared<RejectedStream>(std::move(arguments), *std::move(error));
  return StreamCall::Launch(std::move(stream));
}

}  // namespace journeyfeed::call
