#include "storage/dictionary/write_plan.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/dictionary/records.h"

namespace journeyfeed::dictionary {
namespace {

using Lines = std::vector<std::string>;
namespace cj = customerjourney::v1;

google::protobuf::FieldMask Mask(std::initializer_list<const char*> paths) {
  google::protobuf::FieldMask mask;
  for (const char* path : paths) mask.add_paths(path);
  return mask;
}

Result<WritePlan> Create(const JourneyRunSession& target) { return PlanCreate(Sessions(), target); }
Result<WritePlan> Create(const CustomerJourney& target) { return PlanCreate(Journeys(), target); }

JourneyRunSession StoredSession() {
  JourneyRunSession session = SomeSession();
  session.set_id(std::string(kId));
  return session;
}

CustomerJourney StoredJourney() {
  CustomerJourney journey;
  journey.set_id(std::string(kId));
  return journey;
}

TEST(PlanCreate, AssignsWhatIsPresent) {
  const auto plan = Create(SomeSession());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_FALSE(plan->has_id);
  EXPECT_EQ(Names(Sessions(), plan->set), (Lines{"name", "journey_run_id", "session"}));
  EXPECT_EQ(ValueOf(Sessions(), *plan, "name"), Value(std::string("run 1")));
  EXPECT_EQ(ValueOf(Sessions(), *plan, "ttl_in_seconds"), Value());
}

TEST(PlanCreate, TakesTheKeyInCanonicalForm) {
  JourneyRunSession session = SomeSession();
  session.set_id("{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}");
  EXPECT_TRUE(Create(session)->has_id);
  EXPECT_EQ(Create(session)->key.id.ToString(), kId);
  EXPECT_EQ(Create(session)->key.partition_id, std::nullopt);
  session.set_partition_id("p");
  EXPECT_EQ(Create(session)->key.partition_id, "p");
  // An id as partition is the same as no partition.
  session.set_partition_id(std::string(kId));
  EXPECT_EQ(Create(session)->key.partition_id, std::nullopt);
  session.clear_id();
  EXPECT_EQ(Create(session)->key.partition_id, std::string(kId));
}

TEST(PlanCreate, ListsAllMissingColumns) {
  EXPECT_EQ(Listed(Create(JourneyRunSession())),
            (Lines{"REQUIRED_FIELD_MISSING target.name", "REQUIRED_FIELD_MISSING target.journey_run_id",
                   "REQUIRED_FIELD_MISSING target.session"}));
  EXPECT_EQ(Listed(Create(CustomerJourney())), Lines{"REQUIRED_FIELD_MISSING target.name"});
}

TEST(PlanCreate, EmptyTextIsAValue) {
  CustomerJourney journey;
  journey.set_name("");
  EXPECT_TRUE(Create(journey));
}

TEST(PlanCreate, ListsReadOnlyAndBadColumnsTogether) {
  CustomerJourney journey;
  journey.set_name(std::string(101, 'x'));
  journey.mutable_created_on()->set_seconds(0);
  journey.set_version_number(1);
  journey.set_owner_id_name("me");
  EXPECT_EQ(Listed(Create(journey)),
            (Lines{"UN_MANAGED_IDS_XML_INVALID_CREATE target.created_on",
                   "UN_MANAGED_IDS_XML_INVALID_CREATE target.version_number",
                   "UN_MANAGED_IDS_XML_INVALID_CREATE target.owner_id_name", "STRING_LENGTH_TOO_LONG target.name"}));
}

TEST(PlanCreate, BadKeyIsReportedOnce) {
  JourneyRunSession session = SomeSession();
  session.set_id("x");
  session.set_partition_id("a/b");
  EXPECT_EQ(Listed(Create(session)), (Lines{"INVALID_ARGUMENT target.id", "INVALID_ARGUMENT target.partition_id"}));
  session = SomeSession();
  session.set_id(Uuid().ToString());
  EXPECT_EQ(Listed(Create(session)), Lines{"INVALID_ARGUMENT target.id"});
}

TEST(PlanCreate, DefaultsFillTheRest) {
  const auto plan = Create(SomeJourney());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(Names(Journeys(), plan->set), (Lines{"name", "entity_target", "type", "scope", "is_recurring",
                                                 "owner_id_type", "state_code", "status_code"}));
  EXPECT_EQ(ValueOf(Journeys(), *plan, "entity_target"), Value(std::int32_t{0}));
  EXPECT_EQ(ValueOf(Journeys(), *plan, "type"), Value(std::int32_t{192'350'000}));
  EXPECT_EQ(ValueOf(Journeys(), *plan, "scope"), Value(std::int32_t{270'100'000}));
  EXPECT_EQ(ValueOf(Journeys(), *plan, "is_recurring"), Value(false));
  EXPECT_EQ(ValueOf(Journeys(), *plan, "owner_id_type"), Value(std::string("systemuser")));
  EXPECT_EQ(ValueOf(Journeys(), *plan, "state_code"), Value(std::int32_t{0}));
  EXPECT_EQ(ValueOf(Journeys(), *plan, "status_code"), Value(std::int32_t{192'350'000}));
}

TEST(PlanCreate, OverriddenCreatedOnIsAllowed) {
  CustomerJourney journey = SomeJourney();
  journey.mutable_overridden_created_on()->set_seconds(1);
  EXPECT_TRUE(Create(journey));
}

TEST(PlanCreate, StatusBringsItsState) {
  CustomerJourney journey = SomeJourney();
  journey.set_status_code(cj::CUSTOMER_JOURNEY_STATUS_CODE_EXPIRED);
  EXPECT_EQ(ValueOf(Journeys(), *Create(journey), "state_code"), Value(std::int32_t{1}));
  journey.clear_status_code();
  journey.set_state_code(cj::CUSTOMER_JOURNEY_STATE_CODE_INACTIVE);
  EXPECT_EQ(ValueOf(Journeys(), *Create(journey), "status_code"), Value(std::int32_t{192'350'004}));
  journey.set_status_code(cj::CUSTOMER_JOURNEY_STATUS_CODE_LIVE);
  EXPECT_EQ(Listed(Create(journey)), Lines{"INVALID_STATE_CODE_STATUS_CODE target.status_code"});
  journey.set_status_code(static_cast<cj::CustomerJourneyStatusCode>(7));
  EXPECT_EQ(Listed(Create(journey)), Lines{"PICKLIST_VALUE_OUT_OF_RANGE target.status_code"});
}

TEST(PlanCreate, OwnerTypeBelongsToAnOwner) {
  CustomerJourney journey = SomeJourney();
  journey.set_owner_id_type("systemuser");
  EXPECT_TRUE(Create(journey));
  journey.set_owner_id_type("team");
  EXPECT_EQ(Listed(Create(journey)), Lines{"INVALID_OWNER_ID target.owner_id_type"});
  journey.set_owner_id(std::string(kId));
  EXPECT_EQ(ValueOf(Journeys(), *Create(journey), "owner_id_type"), Value(std::string("team")));
}

TEST(PlanCreate, PathsAreThoseOfTheRow) {
  const auto plan = PlanCreate(Journeys(), CustomerJourney(), {.target = "targets[3]"});
  EXPECT_EQ(Listed(plan), Lines{"REQUIRED_FIELD_MISSING targets[3].name"});
}

TEST(PlanUpdate, WithoutMaskAssignsWhatIsPresent) {
  JourneyRunSession session;
  session.set_id(std::string(kId));
  session.set_partition_id("p");
  session.set_name("new");
  const auto plan = PlanUpdate(Sessions(), session, nullptr);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->key, (RecordKey{*Uuid::Parse(kId), "p"}));
  EXPECT_EQ(Names(Sessions(), plan->set), Lines{"name"});
  const google::protobuf::FieldMask empty;
  EXPECT_EQ(PlanUpdate(Sessions(), session, &empty)->set, plan->set);
}

TEST(PlanUpdate, IdIsRequired) {
  EXPECT_EQ(Listed(PlanUpdate(Sessions(), SomeSession(), nullptr)), Lines{"REQUIRED_FIELD_MISSING target.id"});
}

TEST(PlanUpdate, WithoutMaskReadOnlyColumnsAreNamed) {
  CustomerJourney journey = StoredJourney();
  journey.mutable_overridden_created_on()->set_seconds(1);
  journey.mutable_modified_on()->set_seconds(1);
  journey.set_version_number(3);
  EXPECT_EQ(Listed(PlanUpdate(Journeys(), journey, nullptr)),
            (Lines{"UN_MANAGED_IDS_XML_INVALID_UPDATE target.overridden_created_on",
                   "UN_MANAGED_IDS_XML_INVALID_UPDATE target.modified_on",
                   "UN_MANAGED_IDS_XML_INVALID_UPDATE target.version_number"}));
}

TEST(PlanUpdate, MaskAssignsExactlyItsColumns) {
  CustomerJourney journey = StoredJourney();
  journey.set_name("new");
  journey.set_purpose(std::string(2'000, 'x'));  // not listed: not checked
  journey.set_version_number(3);
  const auto mask = Mask({"msdyncrm_name", "description"});
  const auto plan = PlanUpdate(Journeys(), journey, &mask);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(Names(Journeys(), plan->set), (Lines{"name", "description"}));
  EXPECT_EQ(ValueOf(Journeys(), *plan, "description"), Value());
  EXPECT_EQ(ValueOf(Journeys(), *plan, "purpose"), Value());
}

TEST(PlanUpdate, MaskMayNotListReadOnlyOrUnknownColumns) {
  const auto mask = Mask({"version_number", "name", "nam", "id", "overridden_created_on"});
  CustomerJourney journey = StoredJourney();
  journey.set_name("new");
  EXPECT_EQ(Listed(PlanUpdate(Journeys(), journey, &mask)),
            (Lines{"QUERY_BUILDER_NO_ATTRIBUTE update_mask.paths[2]",
                   "UN_MANAGED_IDS_XML_INVALID_UPDATE update_mask.paths[0]",
                   "UN_MANAGED_IDS_XML_INVALID_UPDATE update_mask.paths[3]",
                   "UN_MANAGED_IDS_XML_INVALID_UPDATE update_mask.paths[4]"}));
}

TEST(PlanUpdate, RequiredColumnsCannotBeCleared) {
  const auto mask = Mask({"name", "session", "ttl_in_seconds"});
  JourneyRunSession session;
  session.set_id(std::string(kId));
  EXPECT_EQ(Listed(PlanUpdate(Sessions(), session, &mask)),
            (Lines{"REQUIRED_FIELD_MISSING target.name", "REQUIRED_FIELD_MISSING target.session"}));
}

TEST(PlanUpdate, ClearedRequiredColumnTakesItsDefault) {
  const auto mask = Mask({"entity_target", "type"});
  const auto plan = PlanUpdate(Journeys(), StoredJourney(), &mask);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(ValueOf(Journeys(), *plan, "entity_target"), Value(std::int32_t{0}));
  EXPECT_EQ(ValueOf(Journeys(), *plan, "type"), Value());
}

TEST(PlanUpdate, StateStatusAndOwnerAreNeverNull) {
  const auto mask = Mask({"state_code", "status_code", "owner_id"});
  EXPECT_EQ(Listed(PlanUpdate(Journeys(), StoredJourney(), &mask)),
            (Lines{"REQUIRED_FIELD_MISSING target.owner_id", "REQUIRED_FIELD_MISSING target.state_code",
                   "REQUIRED_FIELD_MISSING target.status_code"}));
}

TEST(PlanUpdate, StarReplacesAllThatCanBeUpdated) {
  CustomerJourney journey = StoredJourney();
  journey.set_name("new");
  journey.set_version_number(3);
  const auto mask = Mask({"*"});
  const auto plan = PlanUpdate(Journeys(), journey, &mask);
  ASSERT_TRUE(plan) << plan.error().message;
  const Lines names = Names(Journeys(), plan->set);
  const std::set<std::string> set(names.begin(), names.end());
  EXPECT_TRUE(set.contains("workflow_definition"));
  EXPECT_TRUE(set.contains("import_sequence_number"));
  for (const char* kept : {"id", "owner_id", "owner_id_type", "state_code", "status_code", "overridden_created_on",
                           "created_on", "version_number", "owning_user"}) {
    EXPECT_FALSE(set.contains(kept)) << kept;
  }
}

TEST(PlanUpdate, StatusAloneBringsItsState) {
  CustomerJourney journey = StoredJourney();
  journey.set_status_code(cj::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE);
  const auto mask = Mask({"statuscode"});
  for (const auto* given : {static_cast<const google::protobuf::FieldMask*>(nullptr), &mask}) {
    const auto plan = PlanUpdate(Journeys(), journey, given);
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(Names(Journeys(), plan->set), (Lines{"state_code", "status_code"}));
    EXPECT_EQ(ValueOf(Journeys(), *plan, "state_code"), Value(std::int32_t{0}));
  }
}

TEST(PlanUpdate, NewOwnerIsAUserUnlessSaid) {
  CustomerJourney journey = StoredJourney();
  journey.set_owner_id(std::string(kId));
  const auto plan = PlanUpdate(Journeys(), journey, nullptr);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(Names(Journeys(), plan->set), (Lines{"owner_id", "owner_id_type"}));
  journey.clear_owner_id();
  journey.set_owner_id_type("systemuser");
  EXPECT_EQ(Listed(PlanUpdate(Journeys(), journey, nullptr)), Lines{"INVALID_OWNER_ID target.owner_id_type"});
}

TEST(PlanUpsert, ReplacesASessionAsAWhole) {
  const auto plan = PlanUpsert(Sessions(), StoredSession(), nullptr);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(Names(Sessions(), plan->set),
            (Lines{"name", "journey_run_id", "session", "ttl_in_seconds", "import_sequence_number"}));
  EXPECT_EQ(ValueOf(Sessions(), *plan, "ttl_in_seconds"), Value());
  EXPECT_EQ(plan->missing_for_create, 0u);
}

TEST(PlanUpsert, SessionNeedsIdAndRequiredColumnsAndNoMask) {
  const auto mask = Mask({"name"});
  JourneyRunSession session;
  session.set_name("x");
  session.mutable_overridden_created_on()->set_seconds(1);
  EXPECT_EQ(Listed(PlanUpsert(Sessions(), session, &mask)),
            (Lines{"REQUIRED_FIELD_MISSING target.id", "INVALID_ARGUMENT update_mask",
                   "UN_MANAGED_IDS_XML_INVALID_UPDATE target.overridden_created_on",
                   "REQUIRED_FIELD_MISSING target.journey_run_id", "REQUIRED_FIELD_MISSING target.session"}));
}

TEST(PlanUpsert, MergesAJourney) {
  CustomerJourney journey = StoredJourney();
  journey.set_purpose("x");
  const auto plan = PlanUpsert(Journeys(), journey, nullptr);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(Names(Journeys(), plan->set), Lines{"purpose"});
  EXPECT_EQ(Names(Journeys(), plan->missing_for_create), Lines{"name"});
  EXPECT_EQ(Listed(MissingForCreate(Journeys(), *plan).violations), Lines{"REQUIRED_FIELD_MISSING target.name"});
}

TEST(PlanUpsert, JourneyWithNameAndStatusCanBeCreated) {
  CustomerJourney journey = StoredJourney();
  journey.set_name("x");
  journey.set_status_code(cj::CUSTOMER_JOURNEY_STATUS_CODE_EXPIRED);
  const auto plan = PlanUpsert(Journeys(), journey, nullptr);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(Names(Journeys(), plan->set), (Lines{"name", "state_code", "status_code"}));
  EXPECT_EQ(plan->missing_for_create, 0u);
}

TEST(WritePlan, TakesTheActingUserAsOwner) {
  WritePlan plan = *Create(SomeJourney());
  const Column& owner = *Journeys().Find("owner_id");
  plan.Assign(Journeys(), owner, *Uuid::Parse(kId));
  EXPECT_NE(plan.set & owner.bit(), 0u);
  EXPECT_EQ(ValueOf(Journeys(), plan, "owner_id"), Value(*Uuid::Parse(kId)));
}

}  // namespace
}  // namespace journeyfeed::dictionary
