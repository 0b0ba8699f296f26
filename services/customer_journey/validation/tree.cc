#include "services/customer_journey/validation/tree.h"

#include <algorithm>
#include <cctype>

namespace journeyfeed::customer_journey {
namespace {

constexpr std::string_view kTypes[] = {kRoot,
                                       kSegment,
                                       kEmail,
                                       "LandingPage",
                                       "MarketingForm",
                                       "Event",
                                       "Survey",
                                       "CreateLead",
                                       "Scheduler",
                                       kTrigger,
                                       kSplitter,
                                       kSplitterBranch,
                                       "RecordUpdate",
                                       "CreateCrmActivity",
                                       "InvokeWorkflow",
                                       "LinkedInCampaign",
                                       kPlaceholder};

// Sorts indexes by key, then by index, and lists those whose key an earlier one has.
template <typename Key>
void SortBy(Key key, std::vector<std::size_t>& indexes, std::vector<std::size_t>& repeated) {
  std::ranges::stable_sort(indexes, {}, key);
  for (std::size_t i = 1; i < indexes.size(); ++i)
    if (key(indexes[i - 1]) == key(indexes[i])) repeated.push_back(indexes[i]);
}

template <typename Key, typename Value>
std::size_t FindIn(const std::vector<std::size_t>& sorted, Key key, const Value& value) {
  const auto found = std::ranges::lower_bound(sorted, value, {}, key);
  return found != sorted.end() && key(*found) == value ? *found : kNone;
}

auto IdOf(const Definition& definition) {
  return [&definition](std::size_t i) { return std::string_view(definition.activities[i].id); };
}
auto ItemIdOf(const Definition& definition) {
  return [&definition](std::size_t i) { return *definition.items[i].item_id; };
}

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

Relationship RelationshipOf(const Activity& activity) {
  if (activity.relationship.empty()) return Relationship::kAbsent;
  if (EqualsIgnoringCase(activity.relationship, "default")) return Relationship::kDefault;
  if (EqualsIgnoringCase(activity.relationship, "yesBranch")) return Relationship::kYes;
  if (EqualsIgnoringCase(activity.relationship, "noBranch")) return Relationship::kNo;
  return Relationship::kOther;
}

bool IsKnownType(std::string_view type) { return std::ranges::find(kTypes, type) != std::end(kTypes); }

Tree::Tree(const Definition& definition) : definition_(definition) {
  const auto& activities = definition.activities;
  item_activities_.resize(definition.items.size());
  for (std::size_t i = 0; i < activities.size(); ++i) {
    if (!activities[i].id.empty()) by_id_.push_back(i);
    std::fill_n(item_activities_.begin() + static_cast<std::ptrdiff_t>(activities[i].first_item),
                activities[i].item_count, i);
  }
  SortBy(IdOf(definition), by_id_, repeated_ids_);
  for (std::size_t i = 0; i < definition.items.size(); ++i)
    if (definition.items[i].item_id) by_item_.push_back(i);
  SortBy(ItemIdOf(definition), by_item_, repeated_items_);
  for (const Activity& activity : activities) parents_.push_back(Find(activity.parent));
}

std::size_t Tree::Find(std::string_view id) const { return id.empty() ? kNone : FindIn(by_id_, IdOf(definition_), id); }

std::size_t Tree::FindItem(std::int64_t item_id) const { return FindIn(by_item_, ItemIdOf(definition_), item_id); }

std::vector<std::size_t> Tree::Cycles() const {
  // The walk that first reached an activity. A walk that reaches itself has closed a cycle.
  std::vector<std::size_t> walk_of(parents_.size(), kNone);
  std::vector<std::size_t> cycles;
  for (std::size_t start = 0; start < parents_.size(); ++start) {
    std::size_t at = start;
    for (; at != kNone && walk_of[at] == kNone; at = parents_[at]) walk_of[at] = start;
    if (at == kNone || walk_of[at] != start) continue;
    std::size_t first = at;
    for (std::size_t i = parents_[at]; i != at; i = parents_[i]) first = std::min(first, i);
    cycles.push_back(first);
  }
  return cycles;
}

}  // namespace journeyfeed::customer_journey
