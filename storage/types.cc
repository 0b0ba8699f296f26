#include "storage/types.h"

#include <openssl/sha.h>
#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <span>

#include "storage/base/hex.h"

namespace journeyfeed {
namespace {

// Uses the kernel's randomness. A process without it must not make ids, so it aborts.
void FillRandom(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t n = getrandom(out.data(), out.size(), 0);
    if (n > 0) {
      out = out.subspan(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      std::abort();
    }
  }
}

void SetVersion(Uuid& uuid, std::uint8_t version) {
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | (version << 4));
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
}

// 48 bits of milliseconds and 12 bits of a counter. Strictly increasing within the process, even if the clock stands
// still or steps back.
std::uint64_t NextTick() {
  static std::atomic<std::uint64_t> last{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::uint64_t wanted = static_cast<std::uint64_t>(millis) << 12;
  std::uint64_t seen = last.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    next = std::max(wanted, seen + 1);
  } while (!last.compare_exchange_weak(seen, next, std::memory_order_relaxed));
  return next;
}

}  // namespace

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() == kUuidTextSize + 2 && text.front() == '{' && text.back() == '}')
    text = text.substr(1, kUuidTextSize);
  if (text.size() != kUuidTextSize) return std::nullopt;
  Uuid uuid;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < kUuidTextSize; ++i) {
    if (IsUuidHyphen(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = HexDigit(text[i]);
    if (digit < 0) return std::nullopt;
    std::uint8_t& byte = uuid.bytes[digits++ / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | digit);
  }
  return uuid;
}

Uuid Uuid::MakeV7() {
  const std::uint64_t tick = NextTick();
  Uuid uuid;
  FillRandom(uuid.bytes);
  for (int i = 0; i < 6; ++i) uuid.bytes[i] = static_cast<std::uint8_t>(tick >> (52 - 8 * i));
  uuid.bytes[6] = static_cast<std::uint8_t>((tick >> 8) & 0x0f);
  uuid.bytes[7] = static_cast<std::uint8_t>(tick);
  SetVersion(uuid, 7);
  return uuid;
}

Uuid Uuid::FromName(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  Uuid uuid;
  std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
  SetVersion(uuid, 8);
  return uuid;
}

std::string Uuid::ToString() const {
  std::string text;
  text.reserve(kUuidTextSize);
  AppendUuidText({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, text);
  return text;
}

}  // namespace journeyfeed
