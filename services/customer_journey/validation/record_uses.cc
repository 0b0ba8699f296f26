#include "services/customer_journey/validation/record_uses.h"

#include <algorithm>
#include <string_view>

#include "services/customer_journey/validation/fault_list.h"
#include "services/customer_journey/validation/tree.h"
#include "storage/types.h"

namespace journeyfeed::customer_journey {
namespace {

struct ItemKind {
  std::string_view type;
  RecordKind kind;
  std::string_view table;
};
constexpr ItemKind kItemKinds[] = {
    {kSegment, RecordKind::kSegment, "msdyncrm_segment"},
    {kSegmentItem, RecordKind::kSegment, "msdyncrm_segment"},
    {kEmail, RecordKind::kEmail, "msdyncrm_marketingemail"},
    {"LandingPage", RecordKind::kPage, "msdyncrm_marketingpage"},
    {"MarketingForm", RecordKind::kForm, "msdyncrm_marketingform"},
    {"Event", RecordKind::kEvent, "msevtmgt_event"},
    {"Survey", RecordKind::kSurvey, ""},
    {"InvokeWorkflow", RecordKind::kWorkflow, "workflow"},
    {"LinkedInCampaign", RecordKind::kLinkedInCampaign, "msdyncrm_linkedincampaign"},
    {"CreateCrmActivity", RecordKind::kActivityTemplate, ""},
};

void AddColumn(RecordKind kind, std::string_view table, const std::string& text, std::vector<RecordUse>& uses) {
  if (const auto id = Uuid::Parse(text)) uses.push_back({kind, std::string(table), id->ToString()});
}

void AddItem(const Activity& activity, const Item& item, std::vector<RecordUse>& uses) {
  const auto id = Uuid::Parse(item.record_id);
  const auto* known = std::ranges::find(kItemKinds, std::string_view(item.type), &ItemKind::type);
  if (!id || known == std::end(kItemKinds)) return;
  std::string table(known->table);
  // A source other than a segment (a subscription list) is a record of a table that no document names.
  if (!item.source_type.empty() && !EqualsIgnoringCase(item.source_type, kSegment)) table.clear();
  if (known->kind == RecordKind::kActivityTemplate) table = Shortened(item.template_table);
  uses.push_back({known->kind, std::move(table), id->ToString(), Shortened(activity.id), item.item_id});
}

}  // namespace

std::vector<RecordUse> RecordsUsed(const customerjourney::v1::CustomerJourney& journey, const Definition& definition,
                                   std::vector<std::size_t>* items) {
  std::vector<RecordUse> uses;
  AddColumn(RecordKind::kContentSettings, "msdyncrm_contentsettings", journey.content_settings_id(), uses);
  AddColumn(RecordKind::kSuppressionSegment, "msdyncrm_segment", journey.suppression_segment_id(), uses);
  if (items) items->assign(uses.size(), kNone);
  for (const Activity& activity : definition.activities) {
    for (const Item& item : definition.ItemsOf(activity)) {
      AddItem(activity, item, uses);
      if (items) items->resize(uses.size(), activity.first_item + item.index);
    }
  }
  return uses;
}

}  // namespace journeyfeed::customer_journey
