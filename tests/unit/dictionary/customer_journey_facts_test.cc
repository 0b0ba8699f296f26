// Compares the dictionary with the published definition of the table, every cell in both directions.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "storage/dictionary/state.h"
#include "tests/unit/dictionary/facts.h"
#include "tests/unit/dictionary/records.h"

namespace journeyfeed::dictionary {
namespace {

using Rows = std::set<std::vector<std::string>>;

std::string Joined(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

// "COLUMN_TYPE_BIG_INT" becomes "BigInt".
std::string CamelCase(std::string_view name, std::string_view prefix) {
  std::string camel;
  bool upper = true;
  for (const char c : name.substr(prefix.size())) {
    if (c != '_') camel += upper ? c : static_cast<char>(std::tolower(c));
    upper = c == '_';
  }
  return camel;
}

std::string Limits(const Column& column) {
  if (column.max_length) return std::to_string(*column.max_length);
  if (column.min_value) return std::to_string(*column.min_value) + ".." + std::to_string(*column.max_value);
  const auto& shown = *column.definition;
  return shown.date_time_behavior().empty() ? "" : shown.date_time_behavior() + " " + shown.format();
}

std::string Default(const Column& column) {
  if (!column.default_value) return "";
  if (const auto* flag = std::get_if<bool>(&*column.default_value)) return YesOrNo(*flag, "true", "false");
  if (const auto* text = std::get_if<std::string>(&*column.default_value)) return *text;
  return std::to_string(std::get<std::int32_t>(*column.default_value));
}

std::vector<std::string> RowOf(const Column& column) {
  const auto& shown = *column.definition;
  return {column.schema_name,
          column.display_name,
          CamelCase(entity::v1::ColumnType_Name(shown.type()), "COLUMN_TYPE_"),
          CamelCase(entity::v1::RequiredLevel_Name(shown.required_level()), "REQUIRED_LEVEL_"),
          Limits(column),
          Default(column),
          column.valid_for_update ? "both" : YesOrNo(column.valid_for_create, "create", "no"),
          YesOrNo(shown.valid_for_form(), "yes", "no"),
          Joined(column.targets, ", ")};
}

std::vector<std::string> RowOf(const Column& column, const Option& option) {
  std::vector<std::int32_t> sorted = option.transitions;
  std::ranges::sort(sorted);
  std::vector<std::string> transitions;
  for (const std::int32_t target : sorted) transitions.push_back(std::to_string(target));
  return {column.logical_name,
          std::to_string(option.value),
          option.label,
          option.state ? std::to_string(*option.state) : "",
          option.default_status ? std::to_string(*option.default_status) : "",
          Joined(transitions, ",")};
}

Rows Facts(std::string_view name) {
  const auto rows = ReadFacts(name);
  return Rows(rows.begin(), rows.end());
}

TEST(CustomerJourneyFacts, ColumnsAreAsPublished) {
  Rows columns;
  for (const Column& column : Journeys().columns) columns.insert(RowOf(column));
  EXPECT_EQ(columns, Facts("customer_journey_columns.tsv"));
}

TEST(CustomerJourneyFacts, LogicalNamesAreLowerCaseSchemaNames) {
  for (const Column& column : Journeys().columns) {
    std::string lower = column.schema_name;
    std::ranges::transform(lower, lower.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_EQ(column.logical_name, lower);
  }
}

TEST(CustomerJourneyFacts, OptionSetsAreAsPublished) {
  Rows options;
  for (const Column& column : Journeys().columns) {
    for (const Option& option : column.options) options.insert(RowOf(column, option));
  }
  EXPECT_EQ(options, Facts("customer_journey_options.tsv"));
}

TEST(CustomerJourneyFacts, TableIsAsPublished) {
  const entity::v1::TableOptions& table = *Journeys().definition;
  EXPECT_EQ(table.schema_name(), "msdyncrm_customerjourney");
  EXPECT_EQ(table.entity_set_name(), "msdyncrm_customerjourneys");
  EXPECT_EQ(table.collection_schema_name(), "msdyncrm_customerjourneies");
  EXPECT_EQ(table.primary_id_attribute(), "msdyncrm_customerjourneyid");
  EXPECT_EQ(table.primary_name_attribute(), "msdyncrm_name");
  EXPECT_EQ(table.table_type(), entity::v1::TABLE_TYPE_STANDARD);
  EXPECT_EQ(table.ownership_type(), entity::v1::OWNERSHIP_TYPE_USER_OWNED);
  EXPECT_TRUE(table.enforce_state_transitions());
  EXPECT_FALSE(Journeys().elastic);
}

TEST(CustomerJourneyFacts, UpsertIsNoEventAndRetentionOnlyEvents) {
  std::set<std::string> not_events;
  std::set<std::string> only_events;
  for (const auto& message : Journeys().definition->messages()) {
    if (!message.is_event()) not_events.insert(message.name());
    if (message.event_only()) only_events.insert(message.name());
  }
  EXPECT_EQ(not_events, (std::set<std::string>{"IsValidStateTransition", "Upsert", "UpsertMultiple"}));
  EXPECT_EQ(only_events, (std::set<std::string>{"BulkRetain", "PurgeRetainedContent", "Retain", "RollbackRetain",
                                                "ValidateRetentionConfig"}));
}

// What happens to journeys when a record that they refer to is deleted.
TEST(CustomerJourneyFacts, RelationsRestrictOrRemoveLinks) {
  std::map<std::string, entity::v1::CascadeType> on_delete;
  for (const auto& relation : Journeys().definition->relations()) {
    on_delete[relation.referencing_attribute()] = relation.cascade().delete_();
    EXPECT_NE(Journeys().Find(relation.referencing_attribute()), nullptr) << relation.schema_name();
  }
  EXPECT_EQ(on_delete["msdyncrm_contentsettingsid"], entity::v1::CASCADE_TYPE_RESTRICT);
  EXPECT_EQ(on_delete["msdyncrm_suppressionsegmentid"], entity::v1::CASCADE_TYPE_RESTRICT);
  EXPECT_EQ(on_delete["owningbusinessunit"], entity::v1::CASCADE_TYPE_RESTRICT);
  EXPECT_EQ(on_delete["msdyncrm_customerjourneytemplate"], entity::v1::CASCADE_TYPE_REMOVE_LINK);
  EXPECT_EQ(on_delete["msdyncr2_linkedincampaign"], entity::v1::CASCADE_TYPE_REMOVE_LINK);
  EXPECT_EQ(on_delete["msdyncrm_publishedby"], entity::v1::CASCADE_TYPE_REMOVE_LINK);
  EXPECT_EQ(on_delete["createdby"], entity::v1::CASCADE_TYPE_NO_CASCADE);
  EXPECT_EQ(on_delete.size(), 13u);
}

TEST(CustomerJourneyFacts, EveryLookupHasATargetAndItsEntitySet) {
  for (const Entity* entity : AllEntities()) {
    for (const Column& column : entity->columns) {
      const bool lookup = column.type == ColumnType::kLookup || column.type == ColumnType::kOwner;
      EXPECT_EQ(lookup, !column.targets.empty()) << column.name;
      EXPECT_EQ(lookup, !column.navigation_property.empty()) << column.name;
      EXPECT_EQ(column.targets.size(), column.target_entity_sets.size()) << column.name;
    }
  }
}

TEST(Dictionary, NamesAndNumbersAreUnique) {
  for (const Entity* entity : AllEntities()) {
    for (const Column& column : entity->columns) {
      EXPECT_LE(column.number, kMaxColumnNumber);
      EXPECT_EQ(entity->Find(column.name), &column);
      EXPECT_EQ(entity->Find(column.logical_name), &column);
    }
    EXPECT_EQ(entity->Find("nothing"), nullptr);
    EXPECT_EQ(&Describe(entity->descriptor), entity);
  }
  // Both are in every database: the log, the tokens and the request ids name an entity by its number.
  ASSERT_GE(AllEntities().size(), 2u);
  EXPECT_EQ(AllEntities()[0]->id, 1);
  EXPECT_EQ(AllEntities()[0]->table, "journey_run_session");
  EXPECT_EQ(AllEntities()[1]->id, 2);
  EXPECT_EQ(AllEntities()[1]->table, "customer_journey");
}

}  // namespace
}  // namespace journeyfeed::dictionary
