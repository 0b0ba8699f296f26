#include "tests/bench/feed/payload.h"

#include <algorithm>
#include <array>

namespace journeyfeed::bench {
namespace {

constexpr std::size_t kTimeDigits = 16, kNumberDigits = 8;

constexpr std::array<signed char, 256> kDigitValues = [] {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = static_cast<signed char>(i);
  for (int i = 0; i < 6; ++i) values[static_cast<std::size_t>('a' + i)] = static_cast<signed char>(10 + i);
  return values;
}();

void AppendHex(std::string& out, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0;) out.push_back("0123456789abcdef"[value >> (4 * i) & 15]);
}

// -1 if a character is no digit.
std::int64_t ReadHex(std::string_view digits) {
  std::uint64_t value = 0;
  int wrong = 0;
  for (const char digit : digits) {
    const int one = kDigitValues[static_cast<unsigned char>(digit)];
    wrong |= one;
    value = value << 4 | static_cast<std::uint64_t>(one & 15);
  }
  return wrong < 0 ? -1 : static_cast<std::int64_t>(value);
}

// SplitMix64: every bit of the number changes half of the bits of the result.
std::uint64_t Mix(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
  number = (number ^ number >> 27) * 0x94d049bb133111eb;
  return number ^ number >> 31;
}

}  // namespace

std::string MarkedText(const Mark& mark, std::size_t bytes) {
  std::string text(kMarkBegin);
  text.reserve(std::max(bytes, kMarkBytes));
  AppendHex(text, static_cast<std::uint64_t>(mark.sent.count()), kTimeDigits);
  AppendHex(text, mark.batch, kNumberDigits);
  AppendHex(text, mark.place, kNumberDigits);
  text.resize(std::max(bytes, kMarkBytes), 'x');
  return text;
}

std::optional<Mark> ReadMark(std::string_view text) {
  if (text.size() < kMarkBytes || !text.starts_with(kMarkBegin)) return std::nullopt;
  text.remove_prefix(kMarkBegin.size());
  const std::int64_t sent = ReadHex(text.substr(0, kTimeDigits));
  const std::int64_t batch = ReadHex(text.substr(kTimeDigits, kNumberDigits));
  const std::int64_t place = ReadHex(text.substr(kTimeDigits + kNumberDigits, kNumberDigits));
  if (sent < 0 || batch < 0 || place < 0) return std::nullopt;
  return Mark{std::chrono::nanoseconds(sent), static_cast<std::uint32_t>(batch), static_cast<std::uint32_t>(place)};
}

void Tally::Add(const Mark& mark) {
  ++count_;
  sum_ += Mix(std::uint64_t{mark.batch} << 32 | mark.place);
}

}  // namespace journeyfeed::bench
