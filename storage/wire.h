// Protobuf's wire format, written directly where a message object would be made only to be serialised at once: records
// from the database, and the messages of a feed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/hex.h"
#include "storage/types.h"

namespace journeyfeed::wire {

inline void AppendVarint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

// int32, int64, bool and enum fields.
inline void AppendInteger(std::string& out, std::uint32_t field, std::int64_t value) {
  AppendVarint(out, field << 3);
  AppendVarint(out, static_cast<std::uint64_t>(value));
}

// What stands before the `size` bytes of a string, bytes or message field.
inline void AppendHead(std::string& out, std::uint32_t field, std::size_t size) {
  AppendVarint(out, field << 3 | 2);
  AppendVarint(out, size);
}

// string, bytes and message fields.
inline void AppendBytes(std::string& out, std::uint32_t field, std::string_view bytes) {
  AppendHead(out, field, bytes.size());
  out.append(bytes);
}

// google.protobuf.Timestamp and Duration: `micros` since 1970, or of length.
inline void AppendTime(std::string& out, std::uint32_t field, std::int64_t micros) {
  constexpr std::int64_t kSecond = 1000000;
  std::int64_t seconds = micros / kSecond;
  std::int64_t rest = micros % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  }
  std::string body;
  if (seconds != 0) AppendInteger(body, 1, seconds);
  if (rest != 0) AppendInteger(body, 2, rest * 1000);
  AppendBytes(out, field, body);
}

// A string field with the text form of a UUID. Precondition: 16 bytes.
inline void AppendUuid(std::string& out, std::uint32_t field, std::string_view bytes) {
  AppendVarint(out, field << 3 | 2);
  out.push_back(static_cast<char>(kUuidTextSize));
  AppendUuidText(bytes, out);
}

}  // namespace journeyfeed::wire
