#include "storage/base/byte_reader.h"

namespace journeyfeed {

void PutFixed64(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint64_t ByteReader::Varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = Byte();
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  failed_ = true;
  return 0;
}

std::uint64_t ByteReader::Fixed64() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 8) value |= static_cast<std::uint64_t>(Byte()) << shift;
  return value;
}

std::uint8_t ByteReader::Byte() {
  const std::string_view taken = TakeBytes(1);
  return taken.empty() ? 0 : static_cast<std::uint8_t>(taken[0]);
}

std::string_view ByteReader::TakeBytes(std::size_t count) {
  if (failed_ || bytes_.size() < count) {
    failed_ = true;
    return {};
  }
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return taken;
}

}  // namespace journeyfeed
