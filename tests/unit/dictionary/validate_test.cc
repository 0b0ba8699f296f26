#include "storage/dictionary/validate.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "storage/dictionary/row.h"
#include "tests/unit/dictionary/records.h"

namespace journeyfeed::dictionary {
namespace {

using Lines = std::vector<std::string>;

std::vector<FieldViolation> Violations(const Entity& entity, const google::protobuf::Message& message) {
  std::vector<FieldViolation> violations;
  ValidateColumns(entity, message, ~std::uint64_t{0}, "target", violations);
  return violations;
}

std::string Repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

// Letters count one, characters outside the basic plane two, whatever their size in UTF-8.
void ExpectTextLimit(const Entity& entity, const char* name, std::size_t limit) {
  const Column& column = *entity.Find(name);
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(entity.descriptor)->New());
  const auto count = [&](const std::string& text) {
    SetColumn(*message, column, text);
    return Listed(Violations(entity, *message));
  };
  const Lines too_long{std::string("STRING_LENGTH_TOO_LONG target.") + name};
  EXPECT_EQ(count(std::string(limit, 'x')), Lines{}) << name;
  EXPECT_EQ(count(std::string(limit + 1, 'x')), too_long) << name;
  EXPECT_EQ(count(Repeated("\u20ac", limit)), Lines{}) << name;
  EXPECT_EQ(count(Repeated("\u20ac", limit + 1)), too_long) << name;
  const std::string odd(limit % 2, 'x');
  EXPECT_EQ(count(Repeated("\U0001F600", limit / 2) + odd), Lines{}) << name;
  EXPECT_EQ(count(Repeated("\U0001F600", limit / 2) + odd + "x"), too_long) << name;
  EXPECT_EQ(count(Repeated("\U0001F600", limit / 2 + 1)), too_long) << name;
}

TEST(Validate, TextsEndAtTheirLimit) {
  for (const Entity* entity : AllEntities()) {
    for (const Column& column : entity->columns) {
      if (column.max_length)
        ExpectTextLimit(*entity, column.name.c_str(), static_cast<std::size_t>(*column.max_length));
    }
  }
}

TEST(Validate, TooLongTextIsCountedAndNotRepeated) {
  JourneyRunSession session;
  session.set_session(std::string(1'048'576, 'x'));
  const auto violations = Violations(Sessions(), session);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].description, "must have at most 1048575 UTF-16 units, has 1048576");
}

TEST(Validate, TextIsUtf8WithoutNul) {
  JourneyRunSession session;
  session.set_name(std::string("a\0b", 3));
  session.set_journey_run_id("\xff");
  EXPECT_EQ(Listed(Violations(Sessions(), session)),
            (Lines{"INVALID_ARGUMENT target.name", "INVALID_ARGUMENT target.journey_run_id"}));
}

TEST(Validate, IdsAreUuids) {
  CustomerJourney journey;
  journey.set_id("{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}");
  journey.set_content_settings_id("6628bbf7-c52a-e911-a9b7-000d3a1e6adc");
  EXPECT_EQ(Listed(Violations(Journeys(), journey)), Lines{});
  journey.set_id("7");
  journey.set_content_settings_id("");
  journey.set_owner_id("me");
  EXPECT_EQ(Listed(Violations(Journeys(), journey)),
            (Lines{"INVALID_ARGUMENT target.id", "INVALID_ARGUMENT target.content_settings_id",
                   "INVALID_OWNER_ID target.owner_id"}));
}

TEST(Validate, NumbersEndAtTheirLimits) {
  JourneyRunSession session;
  session.set_ttl_in_seconds(1);
  EXPECT_EQ(Listed(Violations(Sessions(), session)), Lines{});
  session.set_ttl_in_seconds(0);
  const auto violations = Violations(Sessions(), session);
  EXPECT_EQ(Listed(violations), Lines{"INTEGER_VALUE_OUT_OF_RANGE target.ttl_in_seconds"});
  EXPECT_EQ(violations.at(0).description, "must be from 1 to 2147483647, is 0");

  CustomerJourney journey;
  for (const int inside : {-1500, 0, 1500}) {
    journey.set_customer_journey_time_zone(inside);
    EXPECT_EQ(Listed(Violations(Journeys(), journey)), Lines{});
  }
  for (const int outside : {-1501, 1501}) {
    journey.set_customer_journey_time_zone(outside);
    EXPECT_EQ(Listed(Violations(Journeys(), journey)),
              Lines{"INTEGER_VALUE_OUT_OF_RANGE target.customer_journey_time_zone"});
  }
}

TEST(Validate, OptionsAreOfTheirSet) {
  CustomerJourney journey;
  journey.set_state_code(customerjourney::v1::CUSTOMER_JOURNEY_STATE_CODE_ACTIVE);
  journey.set_entity_target(customerjourney::v1::CUSTOMER_JOURNEY_ENTITY_TARGET_CONTACT);
  EXPECT_EQ(Listed(Violations(Journeys(), journey)), Lines{});
  journey.set_type(customerjourney::v1::CUSTOMER_JOURNEY_TYPE_UNSPECIFIED);
  journey.set_required_consent(static_cast<customerjourney::v1::RequiredConsent>(587'030'000));
  const auto violations = Violations(Journeys(), journey);
  EXPECT_EQ(Listed(violations),
            (Lines{"PICKLIST_VALUE_OUT_OF_RANGE target.type", "PICKLIST_VALUE_OUT_OF_RANGE target.required_consent"}));
  EXPECT_EQ(violations.at(0).description, "must be one of 192350000 (Automated), 192350001 (LinkedIn), is 0");
}

TEST(Validate, TimesEndAtTheirLimits) {
  const auto check = [](std::int64_t seconds, std::int32_t nanos) {
    CustomerJourney journey;
    journey.mutable_start_date_time()->set_seconds(seconds);
    journey.mutable_start_date_time()->set_nanos(nanos);
    return Listed(Violations(Journeys(), journey)).size();
  };
  const std::int64_t first = -6'847'804'800;
  const std::int64_t last = 253'402'214'399;
  EXPECT_EQ(check(first, 0), 0u);
  EXPECT_EQ(check(first - 1, 999'999'999), 1u);
  EXPECT_EQ(check(last, 999'999'999), 0u);
  EXPECT_EQ(check(last + 1, 0), 1u);
  EXPECT_EQ(check(0, -1), 1u);
  EXPECT_EQ(check(0, 1'000'000'000), 1u);
  EXPECT_EQ(check(std::numeric_limits<std::int64_t>::max(), 0), 1u);
}

TEST(Validate, OwnerIsAUserOrATeam) {
  CustomerJourney journey;
  for (const char* type : {"systemuser", "team"}) {
    journey.set_owner_id_type(type);
    EXPECT_EQ(Listed(Violations(Journeys(), journey)), Lines{});
  }
  journey.set_owner_id_type("account");
  EXPECT_EQ(Listed(Violations(Journeys(), journey)), Lines{"INVALID_OWNER_ID target.owner_id_type"});
}

TEST(Validate, PartitionHasNoReservedCharacters) {
  EXPECT_EQ(PartitionIdProblem("a b.c-d_e=f@g#h"), "");
  EXPECT_EQ(PartitionIdProblem(std::string(100, 'x')), "");
  EXPECT_EQ(PartitionIdProblem(Repeated("\U0001F600", 50)), "");
  EXPECT_NE(PartitionIdProblem(""), "");
  EXPECT_NE(PartitionIdProblem(std::string(101, 'x')), "");
  EXPECT_NE(PartitionIdProblem(Repeated("\U0001F600", 51)), "");
  EXPECT_NE(PartitionIdProblem(std::string("a\0", 2)), "");
  EXPECT_NE(PartitionIdProblem("\xff"), "");
  for (const char c : std::string("/<>*%&:\\?+")) EXPECT_NE(PartitionIdProblem(std::string("a") + c), "") << c;
  JourneyRunSession session;
  session.set_partition_id("a/b");
  EXPECT_EQ(Listed(Violations(Sessions(), session)), Lines{"INVALID_ARGUMENT target.partition_id"});
}

TEST(Validate, LooksOnlyAtTheAskedColumns) {
  JourneyRunSession session;
  session.set_ttl_in_seconds(0);
  std::vector<FieldViolation> violations;
  ValidateColumns(Sessions(), session, Sessions().Find("name")->bit(), "target", violations);
  EXPECT_TRUE(violations.empty());
}

}  // namespace
}  // namespace journeyfeed::dictionary
