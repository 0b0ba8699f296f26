// The frames of HTTP/2 (RFC 9113) that a client of gRPC needs, as bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace journeyfeed::bench::http2 {

enum class FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};

namespace flag {
inline constexpr std::uint8_t kEndStream = 0x1;
inline constexpr std::uint8_t kAck = 0x1;
inline constexpr std::uint8_t kEndHeaders = 0x4;
inline constexpr std::uint8_t kPadded = 0x8;
inline constexpr std::uint8_t kPriority = 0x20;
}  // namespace flag

enum class Setting : std::uint16_t {
  kHeaderTableSize = 1,
  kEnablePush = 2,
  kInitialWindowSize = 4,
  kMaxFrameSize = 5,
};

inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline constexpr std::size_t kFrameHeaderBytes = 9;
inline constexpr std::size_t kFramePayloadBytes = 16384;  // the most that every peer takes
inline constexpr std::int64_t kDefaultWindow = 65535;     // of a connection, and of a stream before SETTINGS

struct FrameHeader {
  std::uint32_t length = 0;  // of the payload
  FrameType type{};
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;

  bool Has(std::uint8_t one) const { return (flags & one) != 0; }
};

// Nothing if `bytes` are fewer than a header has.
std::optional<FrameHeader> ReadFrameHeader(std::string_view bytes);

// The payload of DATA or HEADERS without padding and priority. Nothing if it contradicts its header.
std::optional<std::string_view> Content(const FrameHeader& header, std::string_view payload);

// A number of four bytes at the beginning of `bytes`, which has them.
std::uint32_t ReadNumber(std::string_view bytes);
void AppendNumber(std::string& out, std::uint32_t value);

void AppendFrame(std::string& out, FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
void AppendSetting(std::string& payload, Setting setting, std::uint32_t value);
void AppendWindowUpdate(std::string& out, std::uint32_t stream, std::uint32_t increment);

// The value of a setting in the payload of SETTINGS; the last one counts.
std::optional<std::uint32_t> FindSetting(std::string_view payload, Setting setting);

}  // namespace journeyfeed::bench::http2
