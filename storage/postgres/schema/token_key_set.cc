#include "storage/postgres/schema/token_key_set.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <compare>

#include "storage/postgres/sql.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kShortestSecret = 16;

constexpr auto kLookInterval = 1s;
constexpr auto kShortestLookInterval = 100ms;
// Half the time in which a key settles: an older read may miss a key that signs elsewhere.
constexpr auto kLookIsGood = kTokenKeySettled / 2;

bool IsUsable(const TokenKey& key) { return key.id >= 0 && key.id <= 255 && key.secret.size() >= kShortestSecret; }

bool Settled(const TokenKey& key) { return key.age >= kTokenKeySettled; }

// Whether `b` is preferred to `a` for signing.
bool SignsLess(const TokenKey& a, const TokenKey& b) {
  if (Settled(a) != Settled(b)) return Settled(b);
  const auto order = std::pair(-a.age, a.id) <=> std::pair(-b.age, b.id);
  return Settled(a) ? order < 0 : order > 0;
}

}  // namespace

SigningKeys OrderKeys(std::vector<TokenKey> keys) {
  std::erase_if(keys, [](const TokenKey& key) { return !IsUsable(key); });
  std::ranges::sort(keys, SignsLess);
  SigningKeys ordered;
  for (TokenKey& key : keys) ordered.emplace_back(static_cast<std::uint8_t>(key.id), std::move(key.secret));
  return ordered;
}

SigningKeys TokenKeySet::Keys() const {
  const std::scoped_lock lock(mutex_);
  return keys_;
}

void TokenKeySet::Learn(std::vector<TokenKey> keys, Clock::time_point asked_at) {
  const std::size_t count = keys.size();
  SigningKeys ordered = OrderKeys(std::move(keys));
  const std::scoped_lock lock(mutex_);
  const bool changed = ordered != keys_;
  const bool signer = !ordered.empty() && (keys_.empty() || ordered.back() != keys_.back());
  keys_ = std::move(ordered);
  looked_at_ = std::max(looked_at_, asked_at);
  known_at_ = std::max(known_at_, asked_at);
  wanted_ = false;
  if (changed && keys_.size() < count) {
    spdlog::warn("{} of {} token keys cannot be used: ids are 0 to 255, secrets 16 bytes or more", count - keys_.size(),
                 count);
  }
  if (signer) spdlog::info("tokens are signed with key {}; {} keys verify", keys_.back().first, keys_.size());
  if (changed && keys_.empty()) spdlog::error("there is no token key: no token can be made or read");
}

bool TokenKeySet::Lacks(std::uint8_t id) {
  const std::scoped_lock lock(mutex_);
  if (std::ranges::any_of(keys_, [id](const auto& key) { return key.first == id; })) return false;
  wanted_ = true;
  return Clock::now() - known_at_ < kLookIsGood;
}

bool TokenKeySet::PollIsDue() const {
  const std::scoped_lock lock(mutex_);
  return Clock::now() - looked_at_ >= (wanted_ ? std::chrono::milliseconds(kShortestLookInterval) : kLookInterval);
}

bool TokenKeySet::Poll(Connection& connection, std::chrono::milliseconds timeout) {
  static const Statement kRead{"token_keys", std::string(sql::kQueriesTokenKeys.text)};
  const auto asked_at = Clock::now();
  const auto result = connection.Execute(kRead, {}, ResultFormat::kBinary, timeout);
  if (!result) {
    spdlog::warn("reading the token keys failed: {} {}", result.error().sql_state, result.error().message);
    const std::scoped_lock lock(mutex_);
    looked_at_ = asked_at;
    return !result.error().connection_lost;
  }
  std::vector<TokenKey> keys;
  for (int i = 0; i < PQntuples(result->get()); ++i) {
    const Row row(result->get(), i);
    keys.push_back(
        {.id = row.Int2(0), .secret = std::string(row.Bytes(1)), .age = std::chrono::milliseconds(row.Int8(2))});
  }
  Learn(std::move(keys), asked_at);
  return true;
}

}  // namespace journeyfeed::postgres
