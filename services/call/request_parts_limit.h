// The limits on the number of fields and rows of a request, counted on the wire before it is parsed. 16 MB hold eight
// million empty messages, and parsing makes each one hundreds of times larger.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <optional>

#include "storage/failure.h"

namespace journeyfeed::call {

// Fields at all depths. A thousand journeys with every column set, each with a mask that names all columns, stay
// within.
inline constexpr int kMostParts = 130'000;
// Elements of repeated messages at all depths, such as the rows of a bulk message. A bulk message with 1,001 to 10,000
// rows passes here; its own check refuses it and gives the number.
inline constexpr int kMostElements = 10'000;

// Returns an error if a message of this type has too many parts; nothing if it is within both limits. Damaged bytes
// count up to the damage.
std::optional<Failure> CheckParts(const grpc::ByteBuffer& buffer, const google::protobuf::Descriptor& type);

// Checks and parses; the error when there is one: too many parts, or no message of this type. `type`: as the proto
// declares the request, which `request` may hold in its common form (wire_form.h).
std::optional<Failure> ParseRequest(const grpc::ByteBuffer& buffer, const google::protobuf::Descriptor& type,
                                    google::protobuf::Message& request);

}  // namespace journeyfeed::call
