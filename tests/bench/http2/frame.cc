#include "tests/bench/http2/frame.h"

namespace journeyfeed::bench::http2 {
namespace {

constexpr std::size_t kSettingBytes = 6;
constexpr std::size_t kPriorityBytes = 5;

std::uint32_t Byte(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

}  // namespace

std::optional<FrameHeader> ReadFrameHeader(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  return FrameHeader{.length = Byte(bytes, 0) << 16 | Byte(bytes, 1) << 8 | Byte(bytes, 2),
                     .type = static_cast<FrameType>(bytes[3]),
                     .flags = static_cast<std::uint8_t>(bytes[4]),
                     .stream = ReadNumber(bytes.substr(5)) & 0x7fffffff};
}

std::optional<std::string_view> Content(const FrameHeader& header, std::string_view payload) {
  std::size_t before = 0, after = 0;
  if (header.Has(flag::kPadded)) {
    if (payload.empty()) return std::nullopt;
    before = 1;
    after = Byte(payload, 0);
  }
  if (header.type == FrameType::kHeaders && header.Has(flag::kPriority)) before += kPriorityBytes;
  if (before + after > payload.size()) return std::nullopt;
  return payload.substr(before, payload.size() - before - after);
}

std::uint32_t ReadNumber(std::string_view bytes) {
  return Byte(bytes, 0) << 24 | Byte(bytes, 1) << 16 | Byte(bytes, 2) << 8 | Byte(bytes, 3);
}

void AppendNumber(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void AppendFrame(std::string& out, FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  AppendNumber(out, static_cast<std::uint32_t>(payload.size()) << 8 | static_cast<std::uint8_t>(type));
  out.push_back(static_cast<char>(flags));
  AppendNumber(out, stream);
  out += payload;
}

void AppendSetting(std::string& payload, Setting setting, std::uint32_t value) {
  payload.push_back(0);
  payload.push_back(static_cast<char>(setting));
  AppendNumber(payload, value);
}

void AppendWindowUpdate(std::string& out, std::uint32_t stream, std::uint32_t increment) {
  std::string payload;
  AppendNumber(payload, increment);
  AppendFrame(out, FrameType::kWindowUpdate, 0, stream, payload);
}

std::optional<std::uint32_t> FindSetting(std::string_view payload, Setting setting) {
  std::optional<std::uint32_t> found;
  for (; payload.size() >= kSettingBytes; payload.remove_prefix(kSettingBytes)) {
    if ((Byte(payload, 0) << 8 | Byte(payload, 1)) == static_cast<std::uint32_t>(setting))
      found = ReadNumber(payload.substr(2));
  }
  return found;
}

}  // namespace journeyfeed::bench::http2
