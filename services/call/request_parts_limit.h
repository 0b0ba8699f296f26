// The limit on the number of fields of a request, counted on the wire before it is parsed. 16 MB hold eight million
// empty messages, and parsing makes each one twenty times larger.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <optional>

#include "storage/status.h"

namespace journeyfeed::call {

// Fields at all depths. A thousand journeys with every column set, each with a mask that names them all, have 110,000.
inline constexpr int kMostParts = 200'000;

// Whether the message has at most `most` fields. Damaged bytes count up to the damage.
bool HasAtMostParts(const grpc::ByteBuffer& buffer, const google::protobuf::Descriptor& type, int most);

// Checks and parses; the error when there is one: too many parts, or no message of this type.
std::optional<Status> ParseRequest(const grpc::ByteBuffer& buffer, google::protobuf::Message& request);

}  // namespace journeyfeed::call
