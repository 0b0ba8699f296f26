// Writes RetrieveEntityChangesResponse in wire form, once per page and without message objects. Both packages declare
// the same fields with the same numbers, which a static_assert in change_message.cc compares.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <memory>
#include <string>

#include "storage/store.h"

namespace journeyfeed::feed {

// What a message says besides its changes.
struct MessageFacts {
  bool initial_load = false;
  bool more_records = false;
  bool consistent = false;
  bool call_end = false;
  bool resync = false;
  Timestamp as_of;
  std::chrono::microseconds lag{};
  std::int64_t rows_done = 0;
  std::int64_t rows_estimated = 0;
  std::string data_token;
};

enum class EndReason { kDrain = 1, kLifetime = 2 };

std::shared_ptr<const grpc::ByteBuffer> MakeChangeMessage(const dictionary::Entity& entity,
                                                          const std::vector<Change>& changes,
                                                          const MessageFacts& facts);

// The last message of a stream that the server ends.
std::shared_ptr<const grpc::ByteBuffer> MakeEndMessage(EndReason reason, std::chrono::milliseconds reconnect_after,
                                                       const std::string& data_token);

}  // namespace journeyfeed::feed
