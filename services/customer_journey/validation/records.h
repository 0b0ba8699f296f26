// The records of other services that a journey uses, and the only place where a deployment can report their state.
// journeyfeed itself knows nothing about them.
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
  std::string table;                         // logical name; empty if no document gives it
  std::string id;                            // UUID, lower case
  std::string activity_id = {};              // cut after 100 bytes; empty: a column of the journey
  std::optional<std::int64_t> item_id = {};  // ActivityItemId
};

enum class RecordState {
  kNotSaid,   // unknown: no fault
  kUsable,    // exists and is live, published, active
  kMissing,   // does not exist
  kNotLive,   // exists and cannot be used
  kTooLarge,  // usable, but an email with more than 128 KB of HTML
};

// A deployment plugs it in (main.cc). It is called from several threads at once, never from gRPC's own: it may ask
// another service, for a bounded time.
class RecordStates {
 public:
  virtual ~RecordStates() = default;
  // One state per use, in their order; missing ones count as kNotSaid.
  virtual std::vector<RecordState> StatesOf(std::span<const RecordUse> uses) const = 0;
};

}  // namespace journeyfeed::customer_journey
