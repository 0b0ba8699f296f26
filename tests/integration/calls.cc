#include "tests/integration/calls.h"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <stdexcept>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace journeyfeed::testing {
namespace {

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// Waits for the one operation in flight.
bool Next(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

template <typename ClientType>
ClientType& ForShared() {
  static ClientType client(TheService().server.channel());
  return client;
}

}  // namespace

bool Ending::Violates(std::string_view field) const {
  return std::any_of(violations.begin(), violations.end(),
                     [&](const Violation& violation) { return violation.field == field; });
}

std::ostream& operator<<(std::ostream& out, const Ending& ending) {
  out << "code " << ending.code << ' ' << ending.reason << " \"" << ending.message << '"';
  for (const Violation& violation : ending.violations) out << "\n  " << violation.field << ' ' << violation.reason;
  return out;
}

Ending Decode(const grpc::Status& status) {
  Ending ending;
  ending.code = status.error_code();
  ending.message = status.error_message();
  ending.detail_bytes = status.error_details().size();
  google::rpc::Status wire;
  wire.ParseFromString(status.error_details());
  for (const auto& detail : wire.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad_request;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info)) {
      ending.reason = info.reason();
      ending.domain = info.domain();
      ending.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.UnpackTo(&bad_request)) {
      for (const auto& violation : bad_request.field_violations())
        ending.violations.push_back({violation.field(), violation.reason()});
    } else if (detail.UnpackTo(&retry)) {
      ending.retry_after =
          std::chrono::milliseconds(retry.retry_delay().seconds() * 1000 + retry.retry_delay().nanos() / 1'000'000);
    }
  }
  return ending;
}

void Prepare(grpc::ClientContext& context, const Headers& headers) {
  context.set_deadline(std::chrono::system_clock::now() + kCallLimit);
  context.set_wait_for_ready(true);
  for (const auto& [name, value] : headers) context.AddMetadata(name, value);
}

std::multimap<std::string, std::string> InitialMetadata(const grpc::ClientContext& context) {
  std::multimap<std::string, std::string> headers;
  for (const auto& [name, value] : context.GetServerInitialMetadata()) {
    headers.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  return headers;
}

RawAnswer CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& path, const std::string& request,
                  const Headers& headers) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  Prepare(context, headers);
  const auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  Next(queue);
  const grpc::Slice slice(request);
  call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  Next(queue);  // fails if the server has already answered
  RawAnswer answer;
  while (true) {
    grpc::ByteBuffer response;
    call->Read(&response, nullptr);
    if (!Next(queue)) break;
    answer.responses.push_back(Bytes(response));
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  Next(queue);
  answer.ending = Decode(status);
  return answer;
}

SessionClient& Sessions() { return ForShared<SessionClient>(); }

JourneyClient& Journeys() { return ForShared<JourneyClient>(); }

std::string MakeSession(const std::string& more) {
  const auto created = Sessions().Create("target { " + kSession + more + " }");
  if (!created.ok()) throw std::runtime_error("no session for the test: " + created.ending.message);
  return created->id();
}

std::string MakeJourney(const std::string& more) {
  const auto created = Journeys().Create("target { name: 'n' " + more + " }");
  if (!created.ok()) throw std::runtime_error("no journey for the test: " + created.ending.message);
  return created->id();
}

}  // namespace journeyfeed::testing
