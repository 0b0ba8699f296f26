// The secrets that authenticate tokens, as the database has them: read again every second, so that a key can be added
// and removed while servers run. A new key verifies at once and signs when it is old enough for every server to have
// read it (docs/operations.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/connection.h"

namespace journeyfeed::postgres {

// A row of journeyfeed.token_key.
struct TokenKey {
  int id = 0;
  std::string secret;
  std::chrono::milliseconds age{};  // by the database's clock
};

// Key ids and secrets; the last one signs, all verify.
using SigningKeys = std::vector<std::pair<std::uint8_t, std::string>>;

// A key that is younger does not sign while there is an older one.
inline constexpr std::chrono::milliseconds kTokenKeySettled = std::chrono::minutes(1);

// Of the keys that have settled the youngest signs; when there is none, the oldest, so that a first start signs at
// once. Keys that no token can name (ids beside 0 to 255) or that anybody could guess (shorter than 16 bytes) are left
// out.
SigningKeys OrderKeys(std::vector<TokenKey> keys);

// Thread-safe.
class TokenKeySet {
 public:
  using Clock = std::chrono::steady_clock;

  // Empty until the database was read.
  SigningKeys Keys() const;

  // What a look that began at `asked_at` has shown.
  void Learn(std::vector<TokenKey> keys, Clock::time_point asked_at);

  // Something was signed with a key that is not here: asks for a look soon, at most ten times a second. True: no server
  // signs with such a key, as a look has shown that is young enough. False: nobody has looked for long.
  bool Lacks(std::uint8_t id);

  bool LookIsDue() const;
  // Reads the keys; false when the session is lost.
  bool Look(Connection& connection, std::chrono::milliseconds timeout);

 private:
  mutable std::mutex mutex_;
  SigningKeys keys_;             // guarded by mutex_
  Clock::time_point looked_at_;  // guarded by mutex_; the last look, whether it succeeded or not
  Clock::time_point known_at_;   // guarded by mutex_; the last one that showed keys
  bool wanted_ = false;          // guarded by mutex_
};

}  // namespace journeyfeed::postgres
