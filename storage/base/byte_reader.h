// Numbers in the bytes of tokens and positions, read without trusting them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace journeyfeed {

// Little-endian.
void PutFixed64(std::string& out, std::uint64_t value);

// Takes values from the front. After the first failure every call fails.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t Varint();
  std::uint64_t Fixed64();
  std::uint8_t Byte();
  std::string_view TakeBytes(std::size_t count);
  // Takes what is left.
  std::string_view TakeRest() { return TakeBytes(bytes_.size()); }
  // Something is left, and nothing failed.
  bool HasMore() const { return !failed_ && !bytes_.empty(); }
  // Everything was read, nothing failed.
  bool Complete() const { return !failed_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace journeyfeed
