#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "storage/dictionary/dataverse_json.h"
#include "tests/integration/calls.h"

namespace journeyfeed::testing {
namespace {

bool IsVersion7(const std::string& id) {
  return id.size() == 36 && id[14] == '7' && id.find_first_of("{}ABCDEF") == std::string::npos;
}

TEST(Create, MakesIdsOfVersion7ThatRise) {
  std::string last;
  for (int i = 0; i < 5; ++i) {
    const std::string id = i % 2 == 0 ? MakeSession() : MakeJourney();
    EXPECT_TRUE(IsVersion7(id)) << id;
    EXPECT_GT(id, last);
    last = id;
  }
}

TEST(Create, KeepsGivenIdsInCanonicalForm) {
  const std::string id = NewId();
  std::string given = id;
  for (char& c : given) c = static_cast<char>(std::toupper(c));
  const auto session = Sessions().Create("target { id: '{" + given + "}' " + kSession + " }");
  EXPECT_EQ(session->id(), id);
  EXPECT_EQ(session->partition_id(), id);
  const auto journey = Journeys().Create(Target(given, "name: 'n'"));
  EXPECT_EQ(journey->id(), id);
  EXPECT_EQ(Sessions().Get(id).id(), id);
  EXPECT_EQ(Sessions().Get('{' + given + '}').id(), id);
  EXPECT_EQ(Journeys().Get(given).id(), id);
}

TEST(Create, AnswersVersionAndTokenAndTheRecordWhenAsked) {
  const auto plain = Sessions().Create("target { " + kSession + " }");
  EXPECT_FALSE(plain->has_representation());
  EXPECT_FALSE(plain->session_token().empty());
  EXPECT_GT(plain->version_number(), 0);
  const auto full = Sessions().Create("target { " + kSession + " ttl_in_seconds: 100 } return_representation: true");
  const auto& record = full->representation();
  EXPECT_EQ(record.id(), full->id());
  EXPECT_EQ(record.partition_id(), full->id());
  EXPECT_EQ(record.name(), "n");
  EXPECT_EQ(record.journey_run_id(), "r");
  EXPECT_EQ(record.session(), "s");
  EXPECT_EQ(record.ttl_in_seconds(), 100);
  EXPECT_EQ(record.version_number(), full->version_number());
  EXPECT_TRUE(record.has_created_on());
  EXPECT_EQ(record.created_on().DebugString(), record.modified_on().DebugString());
  EXPECT_FALSE(record.has_import_sequence_number());
  EXPECT_FALSE(record.has_overridden_created_on());
  EXPECT_EQ(Sessions().Get(full->id()).DebugString(), record.DebugString());
}

TEST(Create, RefusesAnIdInUse) {
  const std::string session = MakeSession();
  const auto again = Sessions().Create(Target(session, kSession));
  EXPECT_EQ(again.ending.code, grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(again.ending.reason, "DUPLICATE_RECORD");
  EXPECT_EQ(again.ending.metadata.at("code"), "0x80040237");
  EXPECT_EQ(again.ending.metadata.at("id"), session);
  const auto journey = Journeys().Create(Target(MakeJourney(), "name: 'n'"));
  EXPECT_EQ(journey.ending.reason, "DUPLICATE_RECORD");
}

TEST(Create, FillsAJourneysDefaults) {
  const std::string user = NewId();
  const auto created = Journeys().Create("target { name: 'n' } return_representation: true", {{"x-user-id", user}});
  const auto& record = created->representation();
  EXPECT_EQ(record.status_code(), journeys::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT);
  ASSERT_TRUE(record.has_state_code());
  EXPECT_EQ(record.state_code(), journeys::CUSTOMER_JOURNEY_STATE_CODE_ACTIVE);
  ASSERT_TRUE(record.has_entity_target());
  EXPECT_EQ(record.entity_target(), journeys::CUSTOMER_JOURNEY_ENTITY_TARGET_CONTACT);
  EXPECT_EQ(record.type(), journeys::CUSTOMER_JOURNEY_TYPE_AUTOMATED);
  EXPECT_EQ(record.scope(), journeys::CUSTOMER_JOURNEY_SCOPE_ORGANIZATION);
  ASSERT_TRUE(record.has_is_recurring());
  EXPECT_FALSE(record.is_recurring());
  EXPECT_FALSE(record.has_required_consent());
  EXPECT_EQ(record.owner_id(), user) << "the owner is the caller";
  EXPECT_EQ(record.owner_id_type(), "systemuser");
  EXPECT_FALSE(record.has_description());
  EXPECT_FALSE(record.has_owning_user());
}

TEST(Create, CompletesStateStatusAndOwner) {
  const auto create = [](const std::string& columns) {
    return Journeys().Create("target { name: 'n' " + columns + " } return_representation: true")->representation();
  };
  const auto drafted = create("status_code: 192350000");
  EXPECT_TRUE(drafted.has_state_code());
  EXPECT_EQ(drafted.state_code(), journeys::CUSTOMER_JOURNEY_STATE_CODE_ACTIVE);
  EXPECT_EQ(create("state_code: 0").status_code(), journeys::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT);
  const std::string team = NewId();
  const auto owned = create("owner_id: '" + team + "' owner_id_type: 'team'");
  EXPECT_EQ(owned.owner_id(), team);
  EXPECT_EQ(owned.owner_id_type(), "team");
}

TEST(Create, KeepsEmptyAndZeroApartFromAbsent) {
  const auto created = Sessions().Create(
      "target { name: '' journey_run_id: '' session: '' import_sequence_number: 0 } return_representation: true");
  const auto& record = created->representation();
  EXPECT_TRUE(record.has_name() && record.has_journey_run_id() && record.has_session()) << created.ending;
  EXPECT_TRUE(record.has_import_sequence_number());
  EXPECT_FALSE(record.has_ttl_in_seconds());
  const auto journey =
      Journeys().Get(MakeJourney("description: '' recurrence_count: 0 lock_down_date_in_milliseconds: 0"));
  EXPECT_TRUE(journey.has_description() && journey.has_recurrence_count() &&
              journey.has_lock_down_date_in_milliseconds());
  EXPECT_FALSE(journey.has_purpose());
}

TEST(Create, OverriddenCreatedOnBecomesCreatedOn) {
  for (const char* time :
       {"seconds: 1000000000 nanos: 123456000", "seconds: -6847804800", "seconds: 253402214399 nanos: 999999000"}) {
    const auto wanted = Parse<google::protobuf::Timestamp>(time).DebugString();
    const auto session = Sessions().Get(MakeSession("overridden_created_on { " + std::string(time) + " }"));
    EXPECT_EQ(session.created_on().DebugString(), wanted);
    EXPECT_EQ(session.overridden_created_on().DebugString(), session.modified_on().DebugString())
        << "the server's time";
    const auto journey = Journeys().Get(MakeJourney("overridden_created_on { " + std::string(time) + " }"));
    EXPECT_EQ(journey.created_on().DebugString(), wanted);
    EXPECT_EQ(journey.overridden_created_on().DebugString(), journey.modified_on().DebugString());
  }
}

TEST(Create, StoresEveryColumnOfAJourney) {
  const std::string id = NewId();
  const std::string columns =
      "name: 'n' description: 'd' purpose: 'p' entity_target: 1 type: 192350001 scope: 270100001 required_consent: "
      "587030003"
      " start_date_time { seconds: 1 nanos: 1000 } end_date_time { seconds: 2 } customer_journey_time_zone: 92 "
      "is_recurring: true"
      " recurrence_count: 3 recurrence_interval_days: 30 workflow_definition: '[]' customer_journey_designer_state: "
      "'{}'"
      " validation_results: 'v' content_settings_id: '" +
      id + "' suppression_segment_id: '" + id + "' customer_journey_template_id: '" + id +
      "' linked_in_campaign_id: '" + id + "' published_by: '" + id +
      "' lock_down_date_in_milliseconds: 1700000000000"
      " insights_placeholder: 'i' owner_id: '" +
      id +
      "' owner_id_type: 'team' state_code: 0 status_code: 192350000"
      " import_sequence_number: -7 time_zone_rule_version_number: -1 utc_conversion_time_zone_code: 92";
  auto stored = Journeys().Get(MakeJourney(columns.substr(columns.find(' ', 7))));
  for (const char* server : {"id", "created_on", "modified_on", "created_by", "modified_by", "version_number"}) {
    const auto* field = stored.GetDescriptor()->FindFieldByName(server);
    EXPECT_TRUE(stored.GetReflection()->HasField(stored, field)) << server;
    stored.GetReflection()->ClearField(&stored, field);
  }
  EXPECT_EQ(stored.DebugString(), Parse<journeys::CustomerJourney>(columns).DebugString());
}

TEST(Create, StoresAMegabyteByteForByte) {
  std::string text;
  for (std::size_t i = 0; text.size() < 1'040'000; ++i)
    text += i % 7 == 0    ? "\xE2\x82\xAC"
            : i % 11 == 0 ? "\xF0\x9F\x98\x80"
                          : std::string(1, static_cast<char>(1 + i % 126));
  const std::string id = MakeSession();
  ASSERT_TRUE(Sessions().Update(Target(id, "session: " + Quote(text))).ok());
  EXPECT_TRUE(Sessions().Get(id).session() == text);
}

TEST(Create, TakesTheSeedsBody) {
  std::ifstream file(JOURNEYFEED_SEED_BODY);
  const std::string body{std::istreambuf_iterator<char>(file), {}};
  journeys::CreateRequest request;
  const auto& entity = dictionary::Describe(journeys::CustomerJourney::descriptor());
  ASSERT_TRUE(dictionary::FromDataverseJson(entity, body, request.mutable_target(), nullptr));
  request.set_return_representation(true);
  const auto created = Journeys().Send(&journeys::CustomerJourneyService::Stub::Create, request);
  ASSERT_TRUE(created.ok()) << created.ending;
  const auto& record = created->representation();
  EXPECT_EQ(record.name(), "Simple Email Sample");
  EXPECT_EQ(record.required_consent(), journeys::REQUIRED_CONSENT_CONSENT);
  EXPECT_EQ(record.customer_journey_designer_state(), R"({"NextActivityID":8,"NextActivityItemID":42})");
  EXPECT_EQ(record.workflow_definition(), request.target().workflow_definition());
  EXPECT_EQ(record.customer_journey_time_zone(), 92);
  EXPECT_EQ(record.content_settings_id(), "1922b1d8-0523-e911-a9ba-000d3a1e689f");
  EXPECT_EQ(record.owner_id(), "d0e20c01-d6c6-480f-aab5-0fa6749565a5");
  EXPECT_EQ(record.owner_id_type(), "systemuser");
  EXPECT_EQ(record.start_date_time().seconds(), 1549711740);
  EXPECT_EQ(record.status_code(), journeys::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT);
}

}  // namespace
}  // namespace journeyfeed::testing
