// What a mirror holds: the table that it keeps in the target, and its rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/failure.h"
#include "journeyfeed/client/feed_consumer.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {

// Values as text, which both databases read: numbers, "1" and "0", UUIDs, and times with six digits of fraction, so
// that their order is that of the times. Nothing is null.
using Values = std::vector<std::optional<std::string>>;

struct MirrorTable {
  const dictionary::Entity* entity = nullptr;
  std::string name;                                // in the target
  std::vector<const dictionary::Column*> columns;  // always with the key and the version; in field order
  bool all_columns = false;                        // all were asked for: those of this release
  std::optional<std::string> partition_id;         // only its records

  // The columns as they were asked for: empty for all.
  std::vector<std::string> requested() const;
};

// The column of a row's generation (journeyfeed/client/checkpoint.h).
inline constexpr char kGenerationColumn[] = "journeyfeed_generation";

// `columns` by any name that callers may use; empty: all. `name`: empty for the entity's own. Fails with a usage
// failure.
Outcome<MirrorTable> MakeMirrorTable(const dictionary::Entity& entity, const std::vector<std::string>& columns,
                                     std::optional<std::string> partition_id, const std::string& name);

// "id,partition_id,name"
std::string JoinNames(const std::vector<const dictionary::Column*>& columns);

// A batch of the feed as rows of the table. Each key occurs once, with its last change.
struct MirrorBatch {
  std::vector<Values> written;  // the columns, then the generation
  std::vector<Values> removed;  // the key, the version of the deletion, the generation
  bool sweep = false;           // then remove the rows of older generations
  client::Checkpoint checkpoint = {};
};

// Fails if the service sent bytes that are no record.
Outcome<MirrorBatch> MakeMirrorBatch(const MirrorTable& table, const client::Batch& batch);

}  // namespace journeyfeed::cli
