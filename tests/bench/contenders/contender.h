// A service that is compared: it takes writes and streams them to followers.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/http2/connection.h"

namespace journeyfeed::bench {

// A constructed contender serves. Its destructor ends it and removes what it stored. All failures throw
// std::runtime_error. One thread at a time.
class Contender {
 public:
  using Partition = std::optional<std::string>;

  virtual ~Contender() = default;

  virtual std::string name() const = 0;
  virtual http2::Address address() const = 0;
  virtual http2::Address follow_address() const { return address(); }  // where streams are opened
  virtual pid_t server() const = 0;
  virtual pid_t database() const { return 0; }  // the root of its processes; 0: has none beside the server

  // A stream of every change after its first message, of one partition or of all.
  virtual http2::Call Follow(const Partition& partition) const = 0;
  // Creates a record for each text, in one call. The answer is one message.
  virtual http2::Call Write(const std::vector<std::string>& texts, const Partition& partition) = 0;

  // Replaces the server's process by a new one. What was written stays.
  virtual void RestartServer() = 0;
};

// Waits until streams of the contender's are live, wherever they are opened.
void AwaitServing(const Contender& contender);

}  // namespace journeyfeed::bench
