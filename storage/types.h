// Plain values that the services and the store exchange. All are regular value types.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace journeyfeed {

// A UUID. Text form on output: 36 lower-case characters without braces.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  // Accepts upper case and braces ("{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}"); nothing else.
  static std::optional<Uuid> Parse(std::string_view text);
  // RFC 9562 version 7: time-ordered, so that key indexes grow at the right. Thread-safe.
  static Uuid MakeV7();
  // The same UUID for the same text, always (version 8, from SHA-256).
  static Uuid FromName(std::string_view text);

  std::string ToString() const;
  bool IsNil() const { return *this == Uuid{}; }
  auto operator<=>(const Uuid&) const = default;
};

// Microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t micros = 0;

  auto operator<=>(const Timestamp&) const = default;
};

// 1753-01-01T00:00:00Z and the last microsecond of 9999-12-30 (docs/dataverse.md 3.3).
inline constexpr Timestamp kEarliestTimestamp{-6847804800000000};
inline constexpr Timestamp kLatestTimestamp{253402214399999999};

// The value of one column; monostate is null.
using Value = std::variant<std::monostate, bool, std::int32_t, std::int64_t, std::string, Uuid, Timestamp>;

// The key of a record. Only partitioned (elastic) entities use `partition_id`. It is in canonical form: absent if no
// partition was given or if it equals the text of `id` (docs/dataverse.md 2.1: a row without a partition has its own id
// as partition).
struct RecordKey {
  Uuid id;
  std::optional<std::string> partition_id = {};

  auto operator<=>(const RecordKey&) const = default;
};

// What callers see as partition id: the given one, else the text of the id.
inline std::string EffectivePartitionId(const RecordKey& key) {
  return key.partition_id ? *key.partition_id : key.id.ToString();
}

}  // namespace journeyfeed
