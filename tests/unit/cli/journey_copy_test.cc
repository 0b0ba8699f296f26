#include "cli/journey/journey_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/utf8.h"
#include "storage/dictionary/dictionary.h"
#include "storage/dictionary/row.h"

namespace journeyfeed::cli {
namespace {

using customerjourney::v1::CustomerJourney;
using dictionary::Column;
using dictionary::ColumnType;

const dictionary::Entity& Journey() { return dictionary::Describe(CustomerJourney::descriptor()); }

Value SomeValue(const Column& column) {
  switch (column.type) {
    case ColumnType::kUniqueIdentifier:
    case ColumnType::kLookup:
    case ColumnType::kOwner:
      return Uuid::FromName(column.name);
    case ColumnType::kInteger:
      return std::int32_t{7};
    case ColumnType::kBigInt:
      return std::int64_t{7};
    case ColumnType::kBoolean:
      return true;
    case ColumnType::kPicklist:
    case ColumnType::kState:
    case ColumnType::kStatus:
      return column.options.back().value;
    case ColumnType::kDateTime:
      return Timestamp{1'000'000};
    default:
      return "text of " + column.name;
  }
}

// A new column is copied by default. A column that must not be copied belongs into this list as well.
TEST(JourneyCopy, TakesTheDesignAndNotWhatHappenedToTheOriginal) {
  CustomerJourney original;
  for (const Column& column : Journey().columns) dictionary::SetColumn(original, column, SomeValue(column));
  const CustomerJourney copy = CopyOf(original, "b");
  std::vector<std::string> lost;
  for (const Column& column : Journey().columns) {
    const Value value = dictionary::GetColumn(copy, column);
    if (column.valid_for_create && value != SomeValue(column)) lost.push_back(column.name);
    if (!column.valid_for_create) {
      EXPECT_EQ(value, Value()) << column.name << " cannot be given to Create";
    }
  }
  EXPECT_THAT(
      lost, ::testing::UnorderedElementsAre("id", "name", "state_code", "status_code", "owner_id", "owner_id_type",
                                            "published_by", "validation_results", "lock_down_date_in_milliseconds",
                                            "import_sequence_number", "overridden_created_on", "insights_placeholder"));
  EXPECT_EQ(copy.name(), "b");
  EXPECT_EQ(copy.status_code(), customerjourney::v1::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT);
  EXPECT_EQ(copy.workflow_definition(), original.workflow_definition());
  EXPECT_EQ(copy.customer_journey_designer_state(), original.customer_journey_designer_state());
}

TEST(JourneyCopy, HasANameThatFits) {
  EXPECT_EQ(CopyName("a"), "Copy of a");
  const std::string longest = CopyName(std::string(90, 'x') + "👍👍👍👍👍");
  EXPECT_EQ(Utf16Length(longest), 100u);
  EXPECT_TRUE(IsValidUtf8(longest));
  EXPECT_EQ(Utf16Length(CopyName(std::string(91, 'x') + "👍")), 99u);
}

}  // namespace
}  // namespace journeyfeed::cli
