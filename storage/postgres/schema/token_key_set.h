// The secrets that authenticate tokens, as the database has them. They are read again every second, so that keys can be
// added and removed while servers run. A new key verifies at once, and signs once it is old enough for every server to
// have read it (docs/operations.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/connection/connection.h"

namespace journeyfeed::postgres {

// A row of journeyfeed.token_key.
struct TokenKey {
  int id = 0;
  std::string secret;
  std::chrono::milliseconds age{};  // by the database's clock
};

// Key ids and secrets; the last one signs, all verify.
using SigningKeys = std::vector<std::pair<std::uint8_t, std::string>>;

// A younger key does not sign while there is an older one.
inline constexpr std::chrono::milliseconds kTokenKeySettled = std::chrono::minutes(1);

// The youngest settled key signs; if there is none, the oldest key, so that a first start signs at once. Leaves out
// keys that no token can name (ids outside 0 to 255) or that can be guessed (shorter than 16 bytes).
SigningKeys OrderKeys(std::vector<TokenKey> keys);

// Thread-safe.
class TokenKeySet {
 public:
  using Clock = std::chrono::steady_clock;

  // Empty until the database was read.
  SigningKeys Keys() const;

  // Takes the keys that a read that began at `asked_at` returned.
  void Learn(std::vector<TokenKey> keys, Clock::time_point asked_at);

  // Returns true if the key is missing and a recent read has shown that no server signs with it; false if the key is
  // there, or if the last read is too old to tell. A missing key requests a read soon, at most ten times a second.
  bool Lacks(std::uint8_t id);

  bool PollIsDue() const;
  // Reads the keys. Returns false if the connection is lost.
  bool Poll(Connection& connection, std::chrono::milliseconds timeout);

 private:
  mutable std::mutex mutex_;
  SigningKeys keys_;             // guarded by mutex_
  Clock::time_point looked_at_;  // guarded by mutex_; the last read, whether it succeeded or not
  Clock::time_point known_at_;   // guarded by mutex_; the last read that returned keys
  bool wanted_ = false;          // guarded by mutex_
};

}  // namespace journeyfeed::postgres
