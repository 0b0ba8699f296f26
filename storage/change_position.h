// A position in an entity's feed: the contents of a data token. Regular value types.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/types.h"

namespace journeyfeed {

// The position of an initial load.
struct LoadPosition {
  // In physical order: the last tuple that was read, the block before which the load ends, and the file node and system
  // identifier for which these numbers are valid.
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
  // Everything up to this log row is delivered. In a load: the head when it began, where the changes will start.
  std::int64_t seq = 0;
  // The head of the newest snapshot that contributed to anything delivered or skipped so far, and the nonce of its log
  // row.
  std::int64_t high_water = 0;
  std::int64_t high_water_nonce = 0;
  std::optional<LoadPosition> load = {};

  // Whether this is a state that the database had (except rows that have expired and whose deletion is not logged yet).
  bool consistent() const { return !load && seq >= high_water; }
  bool operator==(const ChangePosition&) const = default;
};

}  // namespace journeyfeed
