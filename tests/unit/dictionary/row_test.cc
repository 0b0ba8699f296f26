#include "storage/dictionary/row.h"

#include <gtest/gtest.h>

#include "tests/unit/dictionary/records.h"

namespace journeyfeed::dictionary {
namespace {

TEST(Row, HoldsEachColumnAsItsKind) {
  CustomerJourney journey;
  journey.set_id("{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}");
  journey.set_name("");
  journey.set_entity_target(customerjourney::v1::CUSTOMER_JOURNEY_ENTITY_TARGET_CONTACT);
  journey.set_is_recurring(false);
  journey.set_recurrence_count(3);
  journey.set_lock_down_date_in_milliseconds(1'549'711'740'000);
  journey.mutable_start_date_time()->set_seconds(-1);
  journey.mutable_start_date_time()->set_nanos(999'999'999);
  const Row row = ToRow(Journeys(), journey);
  const auto at = [&](std::string_view name) {
    return row.values[static_cast<std::size_t>(Journeys().Find(name) - Journeys().columns.data())];
  };
  EXPECT_EQ(at("id"), Value(*Uuid::Parse(kId)));
  EXPECT_EQ(at("name"), Value(std::string()));
  EXPECT_EQ(at("entity_target"), Value(std::int32_t{0}));
  EXPECT_EQ(at("is_recurring"), Value(false));
  EXPECT_EQ(at("recurrence_count"), Value(std::int32_t{3}));
  EXPECT_EQ(at("lock_down_date_in_milliseconds"), Value(std::int64_t{1'549'711'740'000}));
  EXPECT_EQ(at("start_date_time"), Value(Timestamp{-1}));
  EXPECT_EQ(at("end_date_time"), Value());
  EXPECT_EQ(Names(Journeys(), row.present),
            (std::vector<std::string>{"id", "name", "entity_target", "start_date_time", "is_recurring",
                                      "recurrence_count", "lock_down_date_in_milliseconds"}));
}

TEST(Row, WritesBackWhatItRead) {
  CustomerJourney journey = SomeJourney();
  journey.set_id(std::string(kId));
  journey.set_status_code(customerjourney::v1::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE);
  journey.set_owner_id(std::string(kId));
  journey.mutable_start_date_time()->set_seconds(-6'847'804'800);
  journey.mutable_start_date_time()->set_nanos(1'000);
  journey.set_version_number(9'223'372'036'854'775'807);
  const Row row = ToRow(Journeys(), journey);
  CustomerJourney copy;
  for (std::size_t i = 0; i < row.values.size(); ++i) SetColumn(copy, Journeys().columns[i], row.values[i]);
  EXPECT_EQ(copy.SerializeAsString(), journey.SerializeAsString());
}

TEST(Row, NullClears) {
  JourneyRunSession session = SomeSession();
  SetColumn(session, *Sessions().Find("name"), Value());
  EXPECT_FALSE(session.has_name());
}

TEST(Row, KeyIsShownWithItsEffectivePartition) {
  JourneyRunSession session;
  SetKey(session, Sessions(), {*Uuid::Parse(kId), std::nullopt});
  EXPECT_EQ(session.id(), kId);
  EXPECT_EQ(session.partition_id(), kId);
  SetKey(session, Sessions(), {*Uuid::Parse(kId), "p"});
  EXPECT_EQ(session.partition_id(), "p");
  CustomerJourney journey;
  SetKey(journey, Journeys(), {*Uuid::Parse(kId), std::nullopt});
  EXPECT_EQ(journey.id(), kId);
}

}  // namespace
}  // namespace journeyfeed::dictionary
