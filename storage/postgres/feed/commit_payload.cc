#include "storage/postgres/feed/commit_payload.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <sstream>
#include <string_view>

namespace journeyfeed::postgres {
namespace {

constexpr std::size_t kCodeBytes = 16;
constexpr std::size_t kMostBytes = 256;  // six numbers need less
constexpr std::int64_t kMostSeconds = 60;
// Keeps codes and tokens apart, which use the same keys: the signed bytes of a token begin differently.
constexpr std::string_view kPurpose = "journeyfeed_commit ";

std::string Code(const std::string& secret, std::string_view text) {
  const std::string bytes = std::string(kPurpose) + std::string(text);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data(), &length);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string code;
  for (std::size_t i = 0; i < kCodeBytes; ++i) {
    code += kDigits[digest.at(i) >> 4];
    code += kDigits[digest.at(i) & 15];
  }
  return code;
}

bool IsOurs(std::string_view text, std::string_view code, const TokenKeys& keys) {
  if (code.size() != 2 * kCodeBytes || text.size() > kMostBytes) return false;
  for (const auto& [id, secret] : keys) {
    const std::string expected = Code(secret, text);
    if (CRYPTO_memcmp(expected.data(), code.data(), code.size()) == 0) return true;
  }
  return false;
}

std::int64_t Seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

std::string CommitPayload(std::int16_t entity, const LogPoint& point, const TokenKeys& keys,
                          std::chrono::system_clock::time_point now) {
  std::ostringstream text;
  text << entity << ' ' << point.history << ' ' << point.timeline << ' ' << point.seq << ' ' << point.nonce << ' '
       << Seconds(now);
  if (keys.empty()) return text.str();
  return text.str() + ' ' + Code(keys.back().second, text.str());
}

std::optional<CommitNews> ParseCommitPayload(const std::string& payload, const TokenKeys& keys,
                                             std::chrono::system_clock::time_point now) {
  const auto end = payload.rfind(' ');
  if (end == std::string::npos || !IsOurs({payload.data(), end}, std::string_view(payload).substr(end + 1), keys))
    return std::nullopt;
  std::istringstream text(payload);
  std::int16_t id = 0;
  LogPoint point;
  std::int64_t second = 0;
  if (!(text >> id >> point.history >> point.timeline >> point.seq >> point.nonce >> second)) return std::nullopt;
  const std::int64_t at = Seconds(now);
  if (second < at - kMostSeconds || second > at + kMostSeconds) return std::nullopt;
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    if (entity->id == id) return CommitNews{entity, point};
  }
  return std::nullopt;
}

}  // namespace journeyfeed::postgres
