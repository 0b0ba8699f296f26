// The limits on the number of fields and of rows of a request, counted on the wire before it is parsed. 16 MB hold
// eight million empty messages, and parsing makes each one hundreds of times larger.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <optional>

#include "storage/status.h"

namespace journeyfeed::call {

// Fields at all depths. A thousand journeys with every column set, each with a mask that names them all, are within.
inline constexpr int kMostParts = 130'000;
// Elements of repeated messages at all depths, such as the rows of a bulk message. A bulk message with 1,001 to 10,000
// rows passes here; its own check refuses it and names the number.
inline constexpr int kMostElements = 10'000;

// What is wrong with the number of parts of a message of this type; nothing when it is within both limits. Damaged
// bytes count up to the damage.
std::optional<Status> CheckParts(const grpc::ByteBuffer& buffer, const google::protobuf::Descriptor& type);

// Checks and parses; the error when there is one: too many parts, or no message of this type. `type`: as the proto
// declares the request, which `request` may hold in its common form (wire_form.h).
std::optional<Status> ParseRequest(const grpc::ByteBuffer& buffer, const google::protobuf::Descriptor& type,
                                   google::protobuf::Message& request);

}  // namespace journeyfeed::call
