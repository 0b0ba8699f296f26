// A position in an entity's feed: what a data token holds. Regular value types.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/types.h"

namespace journeyfeed {

// Where an initial load is.
struct LoadPosition {
  // In physical order: the last tuple that was read, the block before which the load ends, and what makes both
  // meaningful.
  std::uint32_t block = 0;
  std::uint32_t offset = 0;
  std::uint32_t end_block = 0;
  std::int64_t file_node = 0;
  std::int64_t system_identifier = 0;
  // By key (load of one partition): the last id.
  std::optional<Uuid> last_id = {};
  std::int64_t rows_done = 0;

  bool operator==(const LoadPosition&) const = default;
};

struct ChangePosition {
  std::int64_t incarnation = 0;
  std::int32_t timeline = 0;
  // Everything up to this log row is delivered; in a load: the head when it began, where the changes will start.
  std::int64_t seq = 0;
  // Head of the newest snapshot that took part in anything delivered or skipped up to here, and the nonce of its log
  // row.
  std::int64_t high_water = 0;
  std::int64_t high_water_nonce = 0;
  std::optional<LoadPosition> load = {};

  // A state that the database had (apart from rows whose expiry has passed and whose deletion is not logged yet).
  bool consistent() const { return !load && seq >= high_water; }
  bool operator==(const ChangePosition&) const = default;
};

}  // namespace journeyfeed
