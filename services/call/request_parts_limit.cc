#include "services/call/request_parts_limit.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <limits>
#include <string>

#include "services/call/call_record.h"
#include "services/call/wire_message.h"

namespace journeyfeed::call {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

// protobuf's own limit; the parser refuses what is nested deeper.
constexpr int kDeepest = 100;

class PartCounter {
 public:
  PartCounter(google::protobuf::io::CodedInputStream& in, int most) : in_(in), left_(most) {}

  // Reads to the end of the message, to the first part too many, or to damage.
  void Count(const Descriptor& type, int depth) {
    while (const std::uint32_t tag = in_.ReadTag()) {
      if (--left_ < 0) return;
      const auto wire = WireFormatLite::GetTagWireType(tag);
      // Of an unknown group the parts are kept as well.
      if (wire == WireFormatLite::WIRETYPE_START_GROUP || wire == WireFormatLite::WIRETYPE_END_GROUP) continue;
      const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      const bool nested = wire == WireFormatLite::WIRETYPE_LENGTH_DELIMITED && field != nullptr &&
                          field->type() == FieldDescriptor::TYPE_MESSAGE && depth < kDeepest;
      if (nested ? !CountNested(*field->message_type(), depth + 1) : !WireFormatLite::SkipField(&in_, tag)) return;
    }
  }

  bool within() const { return left_ >= 0; }

 private:
  bool CountNested(const Descriptor& type, int depth) {
    std::uint32_t size = 0;
    if (!in_.ReadVarint32(&size) || size > static_cast<std::uint32_t>(std::numeric_limits<int>::max())) return false;
    const auto outer = in_.PushLimit(static_cast<int>(size));
    Count(type, depth);
    const bool complete = in_.BytesUntilLimit() == 0;
    in_.PopLimit(outer);
    return complete && within();
  }

  google::protobuf::io::CodedInputStream& in_;
  int left_;
};

// What is shorter cannot have more: a part takes two bytes at least.
bool MayHaveMore(const grpc::ByteBuffer& buffer, int most) {
  return buffer.Length() / 2 > static_cast<std::size_t>(most);
}

}  // namespace

bool HasAtMostParts(const grpc::ByteBuffer& buffer, const Descriptor& type, int most) {
  grpc::ByteBuffer copy(buffer);  // shares the bytes; the reader wants it mutable
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok()) return true;
  google::protobuf::io::CodedInputStream in(&reader);
  PartCounter counter(in, most);
  counter.Count(type, 0);
  return counter.within();
}

std::optional<Status> ParseRequest(const grpc::ByteBuffer& buffer, google::protobuf::Message& request) {
  if (MayHaveMore(buffer, kMostParts) && !HasAtMostParts(buffer, *request.GetDescriptor(), kMostParts)) {
    return Status{entity::v1::ERROR_REASON_INVALID_ARGUMENT,
                  "The request has more fields than the server accepts, counted at all depths."}
        .With("max_fields", std::to_string(kMostParts));
  }
  if (!ParseMessage(buffer, request)) return MalformedRequest(request.GetTypeName().c_str());
  return std::nullopt;
}

}  // namespace journeyfeed::call
