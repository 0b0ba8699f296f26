#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

std::string Masked(const std::string& id, const std::string& columns, const std::vector<std::string>& paths) {
  std::string text = Target(id, columns) + "update_mask {";
  for (const std::string& path : paths) text += " paths: " + Quote(path);
  return text + " } return_representation: true";
}

TEST(Update, WithoutAMaskChangesThePresentColumns) {
  const std::string id = MakeSession("ttl_in_seconds: 1000");
  const auto before = Sessions().Get(id);
  const auto updated = Sessions().Update(Target(id, "name: 'x'") + "return_representation: true");
  ASSERT_TRUE(updated.ok()) << updated.ending;
  const auto& after = updated->representation();
  EXPECT_EQ(after.name(), "x");
  EXPECT_EQ(after.session(), "s");
  EXPECT_EQ(after.ttl_in_seconds(), 1000);
  EXPECT_GT(after.version_number(), before.version_number());
  EXPECT_EQ(after.version_number(), updated->version_number());
  EXPECT_EQ(after.created_on().DebugString(), before.created_on().DebugString());
  EXPECT_NE(after.modified_on().DebugString(), before.modified_on().DebugString());
}

TEST(Update, WithAMaskSetsAndClearsExactlyWhatItLists) {
  const std::string id = MakeJourney("description: 'd' purpose: 'p' recurrence_count: 3");
  const auto updated =
      Journeys().Update(Masked(id, "name: 'x' purpose: 'q' scope: 270100001", {"purpose", "description"}));
  ASSERT_TRUE(updated.ok()) << updated.ending;
  const auto& after = updated->representation();
  EXPECT_EQ(after.name(), "n") << "not listed";
  EXPECT_EQ(after.purpose(), "q");
  EXPECT_FALSE(after.has_description()) << "listed and absent";
  EXPECT_EQ(after.recurrence_count(), 3);
  EXPECT_EQ(after.scope(), journeys::CUSTOMER_JOURNEY_SCOPE_ORGANIZATION);
}

TEST(Update, AMaskOfAllReplacesTheRecord) {
  const std::string owner = NewId();
  const std::string id = MakeJourney("description: 'd' entity_target: 1 owner_id: '" + owner + "'");
  const auto updated = Journeys().Update(Masked(id, "name: 'x' purpose: 'p'", {"*"}));
  ASSERT_TRUE(updated.ok()) << updated.ending;
  const auto& after = updated->representation();
  EXPECT_EQ(after.name(), "x");
  EXPECT_EQ(after.purpose(), "p");
  EXPECT_FALSE(after.has_description());
  EXPECT_EQ(after.status_code(), journeys::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT) << "never null: kept";
  EXPECT_EQ(after.owner_id(), owner);
}

TEST(Update, ClearedColumnsWithADefaultGetIt) {
  const std::string id = MakeJourney("entity_target: 1 type: 192350001");
  const auto updated = Journeys().Update(Masked(id, "", {"entity_target", "type"}));
  ASSERT_TRUE(updated.ok()) << updated.ending;
  ASSERT_TRUE(updated->representation().has_entity_target()) << "required";
  EXPECT_EQ(updated->representation().entity_target(), journeys::CUSTOMER_JOURNEY_ENTITY_TARGET_CONTACT);
  EXPECT_FALSE(updated->representation().has_type()) << "not required";
}

TEST(Update, MasksTakeLogicalNames) {
  const std::string id = MakeSession("ttl_in_seconds: 1000 import_sequence_number: 7");
  const auto updated = Sessions().Update(Masked(id, "", {"ttlinseconds", "importsequencenumber"}));
  ASSERT_TRUE(updated.ok()) << updated.ending;
  EXPECT_FALSE(updated->representation().has_ttl_in_seconds());
  EXPECT_FALSE(updated->representation().has_import_sequence_number());
}

TEST(Update, CompletesStateStatusAndOwner) {
  const std::string id = MakeJourney();
  EXPECT_EQ(Journeys()
                .Update(Target(id, "status_code: 192350004") + "return_representation: true")
                ->representation()
                .state_code(),
            journeys::CUSTOMER_JOURNEY_STATE_CODE_INACTIVE);
  EXPECT_EQ(Journeys().Update(Masked(MakeJourney(), "state_code: 1", {"state_code"}))->representation().status_code(),
            journeys::CUSTOMER_JOURNEY_STATUS_CODE_EXPIRED);
  const std::string team = NewId();
  ASSERT_TRUE(Journeys().Update(Target(id, "owner_id: '" + team + "' owner_id_type: 'team'")).ok());
  EXPECT_EQ(Journeys().Get(id).owner_id_type(), "team");
  ASSERT_TRUE(Journeys().Update(Target(id, "owner_id: '" + NewId() + "'")).ok());
  EXPECT_EQ(Journeys().Get(id).owner_id_type(), "systemuser") << "what an owner alone means";
}

TEST(Update, ChecksIfMatch) {
  const std::string id = MakeSession();
  const std::string version = std::to_string(Sessions().Get(id).version_number());
  EXPECT_TRUE(Sessions().Update(Target(id, "name: 'a'") + "if_match: '*'").ok());
  const auto refused = Sessions().Update(Target(id, "name: 'b'") + "if_match: " + Quote(version));
  EXPECT_EQ(refused.ending.code, grpc::StatusCode::ABORTED);
  EXPECT_EQ(refused.ending.reason, "CONCURRENCY_VERSION_MISMATCH");
  EXPECT_EQ(refused.ending.metadata.at("code"), "0x80060882");
  const auto now = Sessions().Get(id);
  EXPECT_EQ(now.name(), "a");
  for (const std::string weak : {"W/", ""}) {
    const std::string tag = weak + "\"" + std::to_string(Sessions().Get(id).version_number()) + "\"";
    EXPECT_TRUE(Sessions().Update(Target(id, "name: '" + weak + "c'") + "if_match: " + Quote(tag)).ok()) << tag;
    EXPECT_EQ(Sessions().Get(id).name(), weak + "c");
  }
}

TEST(Update, OfNothingIsNotFound) {
  for (const std::string match : {"", "if_match: '*'", "if_match: '17'"}) {
    EXPECT_EQ(Sessions().Update(Target(NewId(), "name: 'x'") + match).ending.reason, "OBJECT_DOES_NOT_EXIST");
    EXPECT_EQ(Journeys().Update(Target(NewId(), "name: 'x'") + match).ending.code, grpc::StatusCode::NOT_FOUND);
  }
}

// Every writer adds one to what it read: no addition is lost.
TEST(Update, IfMatchMakesConcurrentWritersTakeTurns) {
  const std::string id = MakeSession("import_sequence_number: 0");
  constexpr int kWriters = 4, kAdditions = 10;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&id] {
      SessionClient client(TheService().server.channel());
      for (int done = 0; done < kAdditions;) {
        const auto record = client.Get(id);
        const auto written =
            client.Update(Target(id, "import_sequence_number: " + std::to_string(record.import_sequence_number() + 1)) +
                          "if_match: '" + std::to_string(record.version_number()) + "'");
        if (written.ok()) ++done;
        if (!written.ok() && written.ending.code != grpc::StatusCode::ABORTED) {
          ADD_FAILURE() << written.ending;
          return;
        }
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(Sessions().Get(id).import_sequence_number(), kWriters * kAdditions);
}

TEST(Delete, RemovesTheRecordWithAVersionOfItsOwn) {
  const std::string id = MakeSession();
  const auto version = Sessions().Get(id).version_number();
  const auto deleted = Sessions().Delete(Target(id));
  ASSERT_TRUE(deleted.ok()) << deleted.ending;
  EXPECT_GT(deleted->version_number(), version);
  EXPECT_EQ(Sessions().Retrieve(Target(id)).ending.code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Sessions().Delete(Target(id)).ending.reason, "OBJECT_DOES_NOT_EXIST");
  const auto again = Sessions().Create(Target(id, kSession));
  EXPECT_GT(again->version_number(), deleted->version_number()) << "versions rise across delete and re-create";
}

TEST(Delete, ChecksIfMatch) {
  const std::string id = MakeJourney();
  const std::string version = std::to_string(Journeys().Get(id).version_number());
  ASSERT_TRUE(Journeys().Update(Target(id, "name: 'x'")).ok());
  EXPECT_EQ(Journeys().Delete(Target(id) + "if_match: " + Quote(version)).ending.reason,
            "CONCURRENCY_VERSION_MISMATCH");
  EXPECT_EQ(Journeys().Get(id).name(), "x");
  EXPECT_TRUE(Journeys().Delete(Target(id) + "if_match: '*'").ok());
  EXPECT_EQ(Journeys().Delete(Target(id) + "if_match: '*'").ending.code, grpc::StatusCode::NOT_FOUND);
}

TEST(Delete, IsSeenInTheFeed) {
  const std::string head = JourneyHead();
  const std::string id = MakeJourney();
  const auto deleted = Journeys().Delete(Target(id));
  const auto changes = JourneyChangesSince(head);
  ASSERT_EQ(changes.size(), 1u) << "created and deleted: only the end of it";
  EXPECT_EQ(changes.at(0).removed_item().id(), id);
  EXPECT_FALSE(changes.at(0).removed_item().has_partition_id());
  EXPECT_EQ(changes.at(0).version_number(), deleted->version_number());
  EXPECT_EQ(changes.at(0).message(), entity::v1::MESSAGE_NAME_DELETE);
  EXPECT_TRUE(changes.at(0).call_end());
}

}  // namespace
}  // namespace journeyfeed::testing
