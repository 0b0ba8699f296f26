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

// protobuf's own limit; the parser refuses deeper nesting.
constexpr int kDeepest = 100;

class PartCounter {
 public:
  explicit PartCounter(google::protobuf::io::CodedInputStream& in) : in_(in) {}

  // Reads up to the end of the message, to the first part too many, or to damage.
  void Count(const Descriptor& type, int depth) {
    while (const std::uint32_t tag = in_.ReadTag()) {
      if (--parts_left_ < 0) return;
      const auto wire = WireFormatLite::GetTagWireType(tag);
      // The parser keeps the parts of unknown groups as well.
      if (wire == WireFormatLite::WIRETYPE_START_GROUP || wire == WireFormatLite::WIRETYPE_END_GROUP) continue;
      const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      const bool nested = wire == WireFormatLite::WIRETYPE_LENGTH_DELIMITED && field != nullptr &&
                          field->type() == FieldDescriptor::TYPE_MESSAGE && depth < kDeepest;
      if (nested && field->is_repeated() && --elements_left_ < 0) return;
      if (nested ? !CountNested(*field->message_type(), depth + 1) : !WireFormatLite::SkipField(&in_, tag)) return;
    }
  }

  bool too_many_parts() const { return parts_left_ < 0; }
  bool too_many_elements() const { return elements_left_ < 0; }

 private:
  bool CountNested(const Descriptor& type, int depth) {
    std::uint32_t size = 0;
    if (!in_.ReadVarint32(&size) || size > static_cast<std::uint32_t>(std::numeric_limits<int>::max())) return false;
    const auto outer = in_.PushLimit(static_cast<int>(size));
    Count(type, depth);
    const bool complete = in_.BytesUntilLimit() == 0;
    in_.PopLimit(outer);
    return complete && !too_many_parts() && !too_many_elements();
  }

  google::protobuf::io::CodedInputStream& in_;
  int parts_left_ = kMostParts;
  int elements_left_ = kMostElements;
};

// A shorter request cannot have too many: a part takes at least two bytes, and each element is a part.
bool MayHaveTooMany(const grpc::ByteBuffer& buffer) { return buffer.Length() / 2 > kMostElements; }

Failure TooMany(const char* what, const char* key, int most) {
  return Failure{entity::v1::ERROR_REASON_INVALID_ARGUMENT,
                 std::string("The request has more ") + what + " than the server accepts, counted at all depths."}
      .With(key, std::to_string(most));
}

}  // namespace

std::optional<Failure> CheckParts(const grpc::ByteBuffer& buffer, const Descriptor& type) {
  if (!MayHaveTooMany(buffer)) return std::nullopt;
  grpc::ByteBuffer copy(buffer);  // shares the bytes; the reader needs a mutable buffer
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok()) return std::nullopt;
  google::protobuf::io::CodedInputStream in(&reader);
  PartCounter counter(in);
  counter.Count(type, 0);
  if (counter.too_many_elements()) return TooMany("rows", "max_rows", kMostElements);
  if (counter.too_many_parts()) return TooMany("fields", "max_fields", kMostParts);
  return std::nullopt;
}

std::optional<Failure> ParseRequest(const grpc::ByteBuffer& buffer, const Descriptor& type,
                                    google::protobuf::Message& request) {
  if (auto error = CheckParts(buffer, type)) return error;
  if (!ParseMessage(buffer, request)) return MalformedRequest(type);
  return std::nullopt;
}

}  // namespace journeyfeed::call
