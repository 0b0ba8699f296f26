#include "services/call/stream_call.h"

#include "services/call/wire_status.h"

namespace journeyfeed::call {

StreamCall::StreamCall(StreamArguments arguments)
    : server_context_(arguments.server_context), record_(std::move(arguments.record)) {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamCall::Launch(std::shared_ptr<StreamCall> stream) {
  StreamCall* const self = stream.get();
  self->record_.method().metrics.streams_open->Increment();
  self->self_ = std::move(stream);
  // Writes and the end are allowed from here on: gRPC holds them back until it knows the reactor. OnDone cannot come
  // earlier.
  self->EndingOnException([self] { self->OnStart(); });
  return self;
}

bool StreamCall::Write(Message message, bool more_follows) {
  const grpc::ByteBuffer* raw = message.get();
  {
    const std::lock_guard lock(mutex_);
    if (writing_ || ending_.load(std::memory_order_relaxed)) return false;
    writing_ = true;
    in_flight_ = std::move(message);
    bytes_written_ += raw->Length();
    record_.Introduce(*server_context_, grpc::StatusCode::OK);
  }
  // Only the thread that set writing_ gets here, and the stream cannot end before OnWriteDone resets it.
  record_.method().metrics.stream_messages->Increment();
  record_.method().metrics.response_bytes->Observe(static_cast<double>(raw->Length()));
  grpc::WriteOptions options;
  if (more_follows) options.set_buffer_hint();
  StartWrite(raw, options);
  return true;
}

void StreamCall::FinishOnce(std::optional<Failure> error, Message last) {
  std::stop_source gone(std::nostopstate);  // a copy: after the lock another thread may end the stream
  bool end = false;
  {
    const std::lock_guard lock(mutex_);
    if (ending_.load(std::memory_order_relaxed)) return;
    error_ = std::move(error);
    last_ = std::move(last);
    ending_.store(true, std::memory_order_release);
    end = !writing_;  // else OnWriteDone continues from here
    gone = gone_;
  }
  gone.request_stop();
  if (end) EndNow();
}

// Called once: by FinishOnce if no write is in flight, else by the next OnWriteDone.
void StreamCall::EndNow() {
  const bool cancelled = cancelled_.load(std::memory_order_acquire) || server_context_->IsCancelled();
  const bool send_last = last_ && !cancelled;
  if (send_last) {
    bytes_written_ += last_->Length();
    record_.method().metrics.stream_messages->Increment();
    record_.method().metrics.response_bytes->Observe(static_cast<double>(last_->Length()));
  }
  const auto code = error_ ? ReasonCode(error_->reason) : grpc::StatusCode::OK;
  record_.Introduce(*server_context_, send_last ? grpc::StatusCode::OK : code, error_ ? &*error_ : nullptr);
  record_.End(code, error_ ? &*error_ : nullptr, cancelled, bytes_written_);
  grpc::Status status = error_ ? ToGrpcStatus(*error_) : grpc::Status::OK;
  // Nothing may touch this object after these calls: OnDone may run at once on another thread.
  if (send_last) {
    StartWriteAndFinish(last_.get(), grpc::WriteOptions(), std::move(status));
  } else {
    Finish(std::move(status));
  }
}

void StreamCall::OnWriteDone(bool ok) {
  if (!ok) cancelled_.store(true, std::memory_order_release);  // the caller will not see our status either
  Message written;                                             // freed outside the lock
  bool end = false;
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    written = std::move(in_flight_);
    end = ending_.load(std::memory_order_relaxed);  // decided here: a later FinishOnce ends the stream itself
  }
  written.reset();
  if (end) {
    EndNow();
    return;
  }
  EndingOnException([this, ok] { OnWritten(ok); });
  if (!ok) FinishOnce(CallerGone());
}

void StreamCall::OnCancel() {
  cancelled_.store(true, std::memory_order_release);
  EndingOnException([this] { OnCancelled(); });
  FinishOnce(CallerGone());
}

void StreamCall::Abort() {
  // Under the lock, so that OnDone waits: gRPC's context is gone after it. TryCancel runs none of our callbacks on this
  // thread, because they are not inlineable.
  const std::lock_guard lock(mutex_);
  if (!done_) server_context_->TryCancel();
}

void StreamCall::OnDone() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  record_.method().metrics.streams_open->Decrement();
  const auto self = std::move(self_);  // may be the last reference
}

}  // namespace journeyfeed::call
