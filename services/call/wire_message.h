// Protobuf messages <-> gRPC's raw buffers. Every method is registered raw, so all parsing and serialising of the
// server is here.
#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>

namespace journeyfeed::call {

// Returns false if the bytes are not such a message or a text in it is not UTF-8; `message` is then unspecified.
bool ParseMessage(const grpc::ByteBuffer& buffer, google::protobuf::MessageLite& message);

// Returns one contiguous slice, never an unset buffer: an empty message gives an empty buffer. Copies share the bytes.
grpc::ByteBuffer SerializeMessage(const google::protobuf::MessageLite& message);

// The same for a serialised message; does not copy.
grpc::ByteBuffer WrapSerialized(std::string bytes);

}  // namespace journeyfeed::call
