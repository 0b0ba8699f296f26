// Compares the dictionary with the published definition of the table, every cell in both directions.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/dictionary/facts.h"
#include "tests/unit/dictionary/records.h"

namespace journeyfeed::dictionary {
namespace {

using Cells = std::map<std::string, std::string>;

std::string TypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kUniqueIdentifier:
      return "Uniqueidentifier";
    case ColumnType::kString:
      return "String";
    case ColumnType::kMemo:
      return "Memo";
    case ColumnType::kInteger:
      return "Integer";
    case ColumnType::kBigInt:
      return "BigInt";
    case ColumnType::kDateTime:
      return "DateTime";
    case ColumnType::kLookup:
      return "Lookup";
    default:
      return "not of this table";
  }
}

std::string LevelName(RequiredLevel level) {
  return level == RequiredLevel::kNone                  ? "None"
         : level == RequiredLevel::kApplicationRequired ? "ApplicationRequired"
                                                        : "SystemRequired";
}

// The cells of this column in the published definition.
Cells CellsOf(const Column& column) {
  const entity::v1::ColumnOptions& shown = *column.definition;
  Cells cells{{"Writable", YesOrNo(column.writable())},
              {"Description", column.description},
              {"DisplayName", column.display_name},
              {"IsValidForForm", YesOrNo(shown.valid_for_form())},
              {"IsValidForRead", YesOrNo(column.valid_for_read)},
              {"LogicalName", column.logical_name},
              {"RequiredLevel", LevelName(column.required_level)},
              {"Type", TypeName(column.type)}};
  if (column.min_value) cells["MinValue"] = std::to_string(*column.min_value);
  if (column.max_value) cells["MaxValue"] = std::to_string(*column.max_value);
  if (column.max_length) cells["MaxLength"] = std::to_string(*column.max_length);
  if (!shown.format().empty()) cells["Format"] = shown.format();
  if (!shown.format_name().empty()) cells["FormatName"] = shown.format_name();
  if (!shown.ime_mode().empty()) cells["ImeMode"] = shown.ime_mode();
  if (shown.has_is_localizable()) cells["IsLocalizable"] = YesOrNo(shown.is_localizable());
  if (!shown.date_time_behavior().empty()) cells["DateTimeBehavior"] = shown.date_time_behavior();
  if (shown.has_can_change_date_time_behavior()) {
    cells["CanChangeDateTimeBehavior"] = YesOrNo(shown.can_change_date_time_behavior());
  }
  if (shown.has_source_type_mask()) cells["SourceTypeMask"] = std::to_string(shown.source_type_mask());
  if (!column.targets.empty()) cells["Targets"] = column.targets.front();
  return cells;
}

std::string CascadeName(entity::v1::CascadeType type) {
  return type == entity::v1::CASCADE_TYPE_NO_CASCADE ? "NoCascade" : entity::v1::CascadeType_Name(type);
}

Cells CellsOf(const entity::v1::RelationDefinition& relation) {
  const entity::v1::CascadeConfiguration& cascade = relation.cascade();
  return {{"ReferencedEntity", relation.referenced_entity()},
          {"ReferencedAttribute", relation.referenced_attribute()},
          {"ReferencingAttribute", relation.referencing_attribute()},
          {"ReferencingEntityNavigationPropertyName", relation.referencing_navigation_property()},
          {"IsHierarchical", relation.has_is_hierarchical() ? YesOrNo(relation.is_hierarchical()) : ""},
          {"CascadeArchive", CascadeName(cascade.archive())},
          {"CascadeAssign", CascadeName(cascade.assign())},
          {"CascadeDelete", CascadeName(cascade.delete_())},
          {"CascadeMerge", CascadeName(cascade.merge())},
          {"CascadeReparent", CascadeName(cascade.reparent())},
          {"CascadeRollupView", CascadeName(cascade.rollup_view())},
          {"CascadeShare", CascadeName(cascade.share())},
          {"CascadeUnshare", CascadeName(cascade.unshare())}};
}

TEST(JourneyRunSessionFacts, ColumnsAreAsPublished) {
  std::map<std::string, Cells> columns;
  for (const Column& column : Sessions().columns) columns[column.schema_name] = CellsOf(column);
  EXPECT_EQ(columns, ReadCells("journey_run_session_columns.tsv"));
}

TEST(JourneyRunSessionFacts, PropertiesAreAsPublished) {
  const entity::v1::TableOptions& table = *Sessions().definition;
  const std::map<std::string, std::string> properties{
      {"DisplayName", table.display_name()},
      {"DisplayCollectionName", table.display_collection_name()},
      {"SchemaName", table.schema_name()},
      {"CollectionSchemaName", table.collection_schema_name()},
      {"EntitySetName", table.entity_set_name()},
      {"LogicalName", table.logical_name()},
      {"LogicalCollectionName", table.logical_collection_name()},
      {"PrimaryIdAttribute", table.primary_id_attribute()},
      {"PrimaryNameAttribute", table.primary_name_attribute()},
      {"TableType", YesOrNo(table.table_type() == entity::v1::TABLE_TYPE_ELASTIC, "Elastic", "?")},
      {"OwnershipType",
       YesOrNo(table.ownership_type() == entity::v1::OWNERSHIP_TYPE_ORGANIZATION_OWNED, "OrganizationOwned", "?")}};
  std::map<std::string, std::string> facts;
  for (const auto& row : ReadFacts("journey_run_session_properties.tsv")) facts[row[0]] = row[1];
  EXPECT_EQ(properties, facts);
}

TEST(JourneyRunSessionFacts, MessagesAreAsPublished) {
  std::set<std::vector<std::string>> messages;
  for (const entity::v1::MessageDefinition& message : Sessions().definition->messages()) {
    messages.insert({message.name(), YesOrNo(message.is_event()), YesOrNo(message.event_only()),
                     message.web_api_operation(), message.sdk_name()});
  }
  const auto rows = ReadFacts("journey_run_session_messages.tsv");
  EXPECT_EQ(messages, std::set(rows.begin(), rows.end()));
}

TEST(JourneyRunSessionFacts, RelationsAreAsPublished) {
  std::map<std::string, Cells> relations;
  for (const auto& relation : Sessions().definition->relations()) relations[relation.schema_name()] = CellsOf(relation);
  EXPECT_EQ(relations, ReadCells("journey_run_session_relations.tsv"));
}

TEST(JourneyRunSessionFacts, OnlyCreateSetsKeyAndCreationTime) {
  const Entity& entity = Sessions();
  EXPECT_TRUE(entity.elastic);
  for (const char* name : {"id", "partition_id", "overridden_created_on"}) {
    EXPECT_TRUE(entity.Find(name)->valid_for_create) << name;
    EXPECT_FALSE(entity.Find(name)->valid_for_update) << name;
  }
  EXPECT_EQ(entity.primary_id().name, "id");
  EXPECT_EQ(entity.primary_name().name, "name");
}

}  // namespace
}  // namespace journeyfeed::dictionary
