// RetrieveEntityChangesResponse in wire form, written once per page without message objects.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <chrono>
#include <memory>
#include <string>

#include "storage/store.h"

namespace journeyfeed::feed {

// What a message says besides its changes.
struct StreamMessageFacts {
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

// The changes of a message alone, which messages with different facts can share.
grpc::Slice SerializeChanges(const dictionary::Entity& entity, const std::vector<Change>& changes);
std::shared_ptr<const grpc::ByteBuffer> JoinMessage(const grpc::Slice& changes, const StreamMessageFacts& facts);

std::shared_ptr<const grpc::ByteBuffer> MakeChangeMessage(const dictionary::Entity& entity,
                                                          const std::vector<Change>& changes,
                                                          const StreamMessageFacts& facts);

// The last message of a stream that the server ends.
std::shared_ptr<const grpc::ByteBuffer> MakeEndMessage(EndReason reason, std::chrono::milliseconds reconnect_after,
                                                       const std::string& data_token);

}  // namespace journeyfeed::feed
