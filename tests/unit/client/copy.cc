#include "tests/unit/client/copy.h"

#include "journeyfeed/client/typed.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"

namespace journeyfeed::client::testing {

using journeyrunsession::v1::JourneyRunSession;

void Copy::Apply(const Batch& batch) {
  for (const auto& change : batch.message.changes()) {
    const Row row{.version = change.version_number(), .generation = batch.checkpoint.generation};
    if (const auto record = ReadRecord<JourneyRunSession>(change)) {
      if (Yields(record->id(), row)) rows_[record->id()] = row;
    } else if (Yields(change.removed_item().id(), row)) {
      rows_.erase(change.removed_item().id());
    }
  }
  if (batch.sweep) {
    std::erase_if(rows_, [&](const auto& row) { return row.second.generation < batch.checkpoint.generation; });
  }
  checkpoint_ = batch.checkpoint.ToText();
}

Checkpoint Copy::place() const { return Checkpoint::FromText(checkpoint_).value(); }

std::map<std::string, std::int64_t> Copy::versions() const {
  std::map<std::string, std::int64_t> versions;
  for (const auto& [id, row] : rows_) versions[id] = row.version;
  return versions;
}

bool Copy::Yields(const std::string& id, const Row& other) const {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return true;
  return found->second.generation < other.generation || found->second.version <= other.version;
}

}  // namespace journeyfeed::client::testing
