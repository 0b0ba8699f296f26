// Protobuf messages <-> gRPC's raw buffers. Every method is registered raw, so this is the only parsing and serialising
// of the server.
#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>

namespace journeyfeed::call {

// False when the bytes are no such message or a text in it is not UTF-8; `message` then holds no particular value.
bool ParseMessage(const grpc::ByteBuffer& buffer, google::protobuf::MessageLite& message);

// One contiguous slice, never an unset buffer: an empty message gives an empty one. Copies of the result share the
// bytes.
grpc::ByteBuffer SerializeMessage(const google::protobuf::MessageLite& message);

// The same of a message that is serialised already; no copy.
grpc::ByteBuffer WrapSerialized(std::string bytes);

}  // namespace journeyfeed::call
