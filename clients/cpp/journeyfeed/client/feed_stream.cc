#include "journeyfeed/client/feed_stream.h"

#include <grpc/support/time.h>
#include <grpcpp/impl/codegen/proto_utils.h>

namespace journeyfeed::client {
namespace {

using entity::v1::RetrieveEntityChangesRequest;
using entity::v1::RetrieveEntityChangesResponse;
using std::chrono::milliseconds;

constexpr char kCorrelationHeader[] = "x-correlation-id";
// A call that cannot even be sent fails long before that.
constexpr milliseconds kOpenPatience = std::chrono::seconds(60);

grpc::ByteBuffer ToBuffer(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

std::string FindHeader(const std::multimap<grpc::string_ref, grpc::string_ref>& headers) {
  const auto found = headers.find(kCorrelationHeader);
  return found == headers.end() ? "" : std::string(found->second.data(), found->second.size());
}

}  // namespace

FeedStream::FeedStream(grpc::GenericStub& stub, const std::string& service, const RetrieveEntityChangesRequest& request,
                       const Metadata& metadata, std::stop_token stop)
    : cancel_(std::move(stop), [this] { context_.TryCancel(); }) {
  for (const auto& [name, value] : metadata) context_.AddMetadata(name, value);
  call_ = stub.PrepareCall(&context_, "/" + service + "/RetrieveEntityChanges", &queue_);
  call_->StartCall(this);
  open_ = Await(kOpenPatience);
  if (!open_) return;
  call_->WriteLast(ToBuffer(request), grpc::WriteOptions(), this);
  open_ = Await(kOpenPatience);
}

FeedStream::~FeedStream() {
  if (!finished_) (void)Finish();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) continue;
}

bool FeedStream::Read(RetrieveEntityChangesResponse& message, milliseconds patience) {
  if (!open_) return false;
  grpc::ByteBuffer buffer;
  call_->Read(&buffer, this);
  open_ = Await(patience);
  if (!open_) return false;
  bytes_ = buffer.Length();
  damaged_ = !grpc::SerializationTraits<RetrieveEntityChangesResponse>::Deserialize(&buffer, &message).ok();
  return !damaged_;
}

std::expected<void, FeedError> FeedStream::Finish() {
  finished_ = true;
  if (open_) context_.TryCancel();
  while (open_) {  // what arrived before
    grpc::ByteBuffer buffer;
    call_->Read(&buffer, this);
    open_ = AwaitEnd();
  }
  grpc::Status status;
  call_->Finish(&status, this);
  AwaitEnd();
  if (damaged_) status = {grpc::StatusCode::DATA_LOSS, "the service sent a message that is none"};
  if (silent_) {
    status = {grpc::StatusCode::UNAVAILABLE, "the stream was silent for " + std::to_string(patience_.count()) + " ms"};
  }
  if (status.ok()) return {};
  FeedError error = ReadError(status);
  error.correlation_id = CorrelationId();
  return std::unexpected(std::move(error));
}

bool FeedStream::Await(milliseconds patience) {
  void* tag = nullptr;
  bool ok = false;
  const gpr_timespec deadline =
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(patience.count(), GPR_TIMESPAN));
  if (queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT) return ok;
  silent_ = true;
  patience_ = patience;
  context_.TryCancel();
  AwaitEnd();
  return false;
}

bool FeedStream::AwaitEnd() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

std::string FeedStream::CorrelationId() const {
  const std::string id = FindHeader(context_.GetServerInitialMetadata());
  return id.empty() ? FindHeader(context_.GetServerTrailingMetadata()) : id;
}

}  // namespace journeyfeed::client
