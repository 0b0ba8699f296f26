#include <gtest/gtest.h>

#include "tests/integration/calls.h"

namespace journeyfeed::testing {
namespace {

TEST(Upsert, CreatesASessionOrReplacesAllOfIt) {
  const std::string id = NewId();
  const auto created = Sessions().Upsert(
      Target(id, kSession + "ttl_in_seconds: 1000 import_sequence_number: 7") + "return_representation: true",
      {{"x-user-id", NewId()}});
  ASSERT_TRUE(created.ok()) << created.ending;
  EXPECT_TRUE(created->record_created());
  EXPECT_EQ(created->target().id(), id);
  EXPECT_EQ(created->target().partition_id(), id);
  const auto& before = created->representation();

  const auto replaced =
      Sessions().Upsert(Target(id, "name: 'x' journey_run_id: 'y' session: 'z'") + "return_representation: true");
  ASSERT_TRUE(replaced.ok()) << replaced.ending;
  EXPECT_FALSE(replaced->record_created());
  const auto& after = replaced->representation();
  EXPECT_EQ(after.name(), "x");
  EXPECT_EQ(after.session(), "z");
  EXPECT_FALSE(after.has_ttl_in_seconds()) << "absent is null";
  EXPECT_FALSE(after.has_import_sequence_number());
  EXPECT_EQ(after.created_on().DebugString(), before.created_on().DebugString()) << "created_* is kept";
  EXPECT_EQ(after.created_by(), before.created_by());
  EXPECT_NE(after.modified_by(), before.modified_by());
  EXPECT_GT(after.version_number(), before.version_number());
}

TEST(Upsert, MergesAJourney) {
  const std::string id = NewId();
  const auto created =
      Journeys().Upsert(Target(id, "name: 'n' description: 'd' purpose: 'p'") + "return_representation: true");
  ASSERT_TRUE(created.ok()) << created.ending;
  EXPECT_TRUE(created->record_created());
  EXPECT_EQ(created->target().id(), id);
  EXPECT_FALSE(created->target().has_partition_id());
  EXPECT_EQ(created->representation().status_code(), journeys::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT)
      << "a new one gets its defaults";
  EXPECT_EQ(created->representation().type(), journeys::CUSTOMER_JOURNEY_TYPE_AUTOMATED);

  ASSERT_TRUE(Journeys().Update(Target(id, "type: 192350001 scope: 270100001")).ok());
  const auto merged = Journeys().Upsert(
      Target(id, "purpose: 'q'") + "update_mask { paths: 'purpose' paths: 'description' } return_representation: true");
  ASSERT_TRUE(merged.ok()) << merged.ending;
  EXPECT_FALSE(merged->record_created());
  EXPECT_EQ(merged->representation().name(), "n");
  EXPECT_EQ(merged->representation().purpose(), "q");
  EXPECT_FALSE(merged->representation().has_description());
  EXPECT_EQ(merged->representation().type(), journeys::CUSTOMER_JOURNEY_TYPE_LINKED_IN)
      << "an old one keeps what it has";
  EXPECT_EQ(merged->representation().scope(), journeys::CUSTOMER_JOURNEY_SCOPE_BUSINESS_UNIT);
}

TEST(Upsert, OfAJourneyWithoutANameUpdatesOnly) {
  const std::string id = MakeJourney();
  EXPECT_TRUE(Journeys().Upsert(Target(id, "purpose: 'q'")).ok());
  const auto missing = Journeys().Upsert(Target(NewId(), "purpose: 'q'"));
  EXPECT_EQ(missing.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(missing.ending.reason, "REQUIRED_FIELD_MISSING");
  EXPECT_TRUE(missing.ending.Violates("target.name"));
}

TEST(Upsert, ChecksIfMatch) {
  const std::string id = MakeSession();
  const std::string version = std::to_string(Sessions().Get(id).version_number());
  EXPECT_TRUE(Sessions().Upsert(Target(id, kSession) + "if_match: " + Quote(version)).ok());
  EXPECT_EQ(Sessions().Upsert(Target(id, kSession) + "if_match: " + Quote(version)).ending.code,
            grpc::StatusCode::ABORTED);
  EXPECT_TRUE(Sessions().Upsert(Target(id, kSession) + "if_match: '*'").ok());
  for (const char* match : {"if_match: '*'", "if_match: '17'"}) {
    const std::string missing = NewId();
    EXPECT_EQ(Sessions().Upsert(Target(missing, kSession) + match).ending.reason, "OBJECT_DOES_NOT_EXIST");
    EXPECT_EQ(Journeys().Upsert(Target(missing, "name: 'n'") + match).ending.reason, "OBJECT_DOES_NOT_EXIST");
    EXPECT_EQ(Sessions().Retrieve(Target(missing)).ending.code, grpc::StatusCode::NOT_FOUND) << "nothing was made";
  }
}

TEST(Upsert, ChecksIfNoneMatch) {
  const std::string id = NewId();
  EXPECT_TRUE(Sessions().Upsert(Target(id, kSession) + "if_none_match: '*'")->record_created());
  const auto again = Sessions().Upsert(Target(id, kSession) + "if_none_match: '*'");
  EXPECT_EQ(again.ending.code, grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(again.ending.reason, "DUPLICATE_RECORD");
  EXPECT_TRUE(Journeys().Upsert(Target(id, "name: 'n'") + "if_none_match: '*'")->record_created());
  EXPECT_EQ(Journeys().Upsert(Target(id, "name: 'n'") + "if_none_match: '*'").ending.reason, "DUPLICATE_RECORD");
}

TEST(Upsert, BothMatchesNeverHold) {
  for (const std::string& id : {MakeSession(), NewId()}) {
    EXPECT_FALSE(Sessions().Upsert(Target(id, kSession) + "if_match: '*' if_none_match: '*'").ok());
  }
}

}  // namespace
}  // namespace journeyfeed::testing
