// The records of other services that a journey uses, and the one place where a deployment can say what state they are
// in. journeyfeed itself knows nothing of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace journeyfeed::customer_journey {

enum class RecordKind {
  kSegment,
  kSuppressionSegment,
  kContentSettings,
  kEmail,
  kPage,
  kForm,
  kEvent,
  kSurvey,
  kWorkflow,
  kLinkedInCampaign,
  kActivityTemplate,
};

struct RecordUse {
  RecordKind kind = RecordKind::kSegment;
  std::string table;                         // logical name; empty where no document tells it
  std::string id;                            // UUID, lower case
  std::string activity_id = {};              // cut after 100 bytes; empty: a column of the journey
  std::optional<std::int64_t> item_id = {};  // ActivityItemId
};

enum class RecordState {
  kNotSaid,   // nothing is known: no fault
  kUsable,    // exists and is live, published, active
  kMissing,   // does not exist
  kNotLive,   // exists and cannot be used
  kTooLarge,  // usable, but of an email: more than 128 KB of HTML
};

// Plugged in by a deployment (main.cc). Called from several threads at once, never from gRPC's own: it may ask another
// service, within a bound of its own.
class RecordStates {
 public:
  virtual ~RecordStates() = default;
  // One state for each use, in their order; what is left out is not said.
  virtual std::vector<RecordState> StatesOf(std::span<const RecordUse> uses) const = 0;
};

}  // namespace journeyfeed::customer_journey
