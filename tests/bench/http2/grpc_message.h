// gRPC's framing of messages in the bytes of a stream: a flag, a length of four bytes, the message.
#pragma once

#include <string>
#include <string_view>

#include "tests/bench/http2/frame.h"

namespace journeyfeed::bench::http2 {

std::string Framed(std::string_view message);

// Cuts a stream's bytes into messages. A message that came in one piece is not copied.
class MessageReader {
 public:
  // Calls `receive` with each message that `bytes` complete.
  template <typename Receive>
  void Feed(std::string_view bytes, const Receive& receive) {
    if (!partial_.empty()) {
      partial_ += bytes;
      bytes = partial_;
    }
    const std::size_t used = Cut(bytes, receive);
    if (partial_.empty()) {
      partial_ = bytes.substr(used);
    } else {
      partial_.erase(0, used);
    }
    if (partial_.empty() && partial_.capacity() > kKept) partial_ = {};
  }

  bool between_messages() const { return partial_.empty(); }

 private:
  static constexpr std::size_t kPrefixBytes = 5;
  static constexpr std::size_t kKept = 4096;  // thousands of streams keep their buffers

  template <typename Receive>
  static std::size_t Cut(std::string_view bytes, const Receive& receive) {
    std::size_t used = 0;
    while (bytes.size() - used >= kPrefixBytes) {
      const std::size_t size = ReadNumber(bytes.substr(used + 1));
      if (bytes.size() - used - kPrefixBytes < size) break;
      receive(bytes.substr(used + kPrefixBytes, size));
      used += kPrefixBytes + size;
    }
    return used;
  }

  std::string partial_;
};

}  // namespace journeyfeed::bench::http2
