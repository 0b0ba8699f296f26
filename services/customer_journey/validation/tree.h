// A definition as the tree that its parent ids form. All lookups use sorting: n log n whatever the ids are, so no
// chosen set of names can slow it down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "services/customer_journey/validation/definition.h"

namespace journeyfeed::customer_journey {

inline constexpr std::string_view kRoot = "bpf_root";
inline constexpr std::string_view kSegment = "Segment";
inline constexpr std::string_view kSegmentItem = "SegmentItem";
inline constexpr std::string_view kEmail = "Email";
inline constexpr std::string_view kTrigger = "Trigger";
inline constexpr std::string_view kSplitter = "Splitter";
inline constexpr std::string_view kSplitterBranch = "SplitterBranch";
inline constexpr std::string_view kPlaceholder = "empty";

// ParentRelationshipType, which is compared without case.
enum class Relationship { kAbsent, kDefault, kYes, kNo, kOther };
Relationship RelationshipOf(const Activity& activity);

// Whether the type is one of docs/dataverse.md 6.7.
bool IsKnownType(std::string_view type);

// Whether both are equal except for the case of ASCII letters.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

inline constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

// Indexes refer to Definition::activities and ::items. The definition must outlive the tree.
class Tree {
 public:
  explicit Tree(const Definition& definition);

  // The first activity with this id; kNone if there is none or the id is empty.
  std::size_t Find(std::string_view id) const;
  // The parent of an activity; kNone if it has no existing parent.
  std::size_t ParentOf(std::size_t activity) const { return parents_[activity]; }
  // Activities whose id an earlier activity has.
  const std::vector<std::size_t>& repeated_ids() const { return repeated_ids_; }
  // The first item with this ActivityItemId; kNone if there is none.
  std::size_t FindItem(std::int64_t item_id) const;
  const std::vector<std::size_t>& repeated_items() const { return repeated_items_; }
  // The activity that an item belongs to.
  std::size_t ActivityOf(std::size_t item) const { return item_activities_[item]; }
  // The first activity of each cycle of parents.
  std::vector<std::size_t> Cycles() const;

 private:
  const Definition& definition_;
  std::vector<std::size_t> by_id_;    // activities with an id, sorted by id, then by index
  std::vector<std::size_t> by_item_;  // items with an ActivityItemId, sorted likewise
  std::vector<std::size_t> parents_;
  std::vector<std::size_t> item_activities_;
  std::vector<std::size_t> repeated_ids_;
  std::vector<std::size_t> repeated_items_;
};

}  // namespace journeyfeed::customer_journey
