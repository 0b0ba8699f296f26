// A session's key is its id within its partition.
#include <gtest/gtest.h>

#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

std::string In(const std::string& partition) { return " partition_id: " + Quote(partition) + " "; }

TEST(Partitions, HoldTheSameIdTwice) {
  const std::string id = NewId();
  for (const char* partition : {"a", "b"}) {
    const auto created = Sessions().Create(Target(id, kSession + In(partition)));
    ASSERT_TRUE(created.ok()) << created.ending;
    EXPECT_EQ(created->partition_id(), partition);
  }
  ASSERT_TRUE(Sessions().Update(Target(id, "name: 'of b'" + In("b"))).ok());
  EXPECT_EQ(Sessions().Get(id, In("a")).name(), "n");
  EXPECT_EQ(Sessions().Get(id, In("b")).name(), "of b");
  EXPECT_EQ(Sessions().Retrieve(Target(id)).ending.code, grpc::StatusCode::NOT_FOUND)
      << "without a partition it is a third record";
  EXPECT_EQ(Sessions().Create(Target(id, kSession + In("a"))).ending.reason, "DUPLICATE_RECORD");
  ASSERT_TRUE(Sessions().Delete(Target(id, In("a"))).ok());
  EXPECT_EQ(Sessions().Get(id, In("b")).name(), "of b");
}

TEST(Partitions, EqualToTheIdIsNone) {
  const std::string id = MakeSession();
  EXPECT_EQ(Sessions().Get(id).partition_id(), id);
  EXPECT_EQ(Sessions().Get(id, In(id)).id(), id);
  EXPECT_EQ(Sessions().Create(Target(id, kSession + In(id))).ending.reason, "DUPLICATE_RECORD");
  EXPECT_TRUE(Sessions().Update(Target(id, "name: 'x'" + In(id))).ok());
  const auto upserted = Sessions().Upsert(Target(id, kSession + In(id)));
  EXPECT_FALSE(upserted->record_created());
  EXPECT_EQ(upserted->target().partition_id(), id);
  const std::string other = NewId();
  ASSERT_TRUE(Sessions().Create(Target(other, kSession + In(other))).ok());
  EXPECT_TRUE(Sessions().Delete(Target(other)).ok());
}

TEST(Partitions, AnotherOneIsNotFound) {
  const std::string id = MakeSession(In("home"));
  const auto updated = Sessions().Update(Target(id, "name: 'x'" + In("away")));
  EXPECT_EQ(updated.ending.code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(updated.ending.metadata.at("partition_id"), "away");
  EXPECT_EQ(Sessions().Update(Target(id, "name: 'x'")).ending.code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Sessions().Retrieve(Target(id, In("away"))).ending.code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Sessions().Delete(Target(id)).ending.code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Sessions().Get(id, In("home")).name(), "n");
}

TEST(Partitions, TextIsCompared) {
  const std::string id = NewId();
  for (const std::string partition :
       {"A", "a", "\xC3\xA4", "a ", " ", "'; drop table journeyfeed.journey_run_session; --"}) {
    const auto created = Sessions().Create(Target(id, kSession + In(partition)));
    EXPECT_TRUE(created.ok()) << partition << created.ending;
    EXPECT_EQ(Sessions().Get(id, In(partition)).partition_id(), partition);
  }
}

TEST(Partitions, TheFeedOfOneShowsNoOther) {
  const std::string partition = "only " + NewId();
  const std::string head = SessionHead(TheService().server.channel(), In(partition));
  const std::string inside = MakeSession(In(partition));
  MakeSession(In("elsewhere"));
  const auto deleted = Sessions().Get(MakeSession(In(partition)), In(partition));
  ASSERT_TRUE(Sessions().Delete(Target(deleted.id(), In(partition))).ok());
  const auto changes = SessionChangesSince(head, In(partition));
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].new_or_updated_entity().id(), inside);
  EXPECT_EQ(changes[1].removed_item().id(), deleted.id());
  EXPECT_EQ(changes[1].removed_item().partition_id(), partition);
  SessionChanges load(TheService().server.channel(), In(partition));
  int loaded = 0;
  for (const auto& response : load.ReadAll()) loaded += response.changes_size();
  EXPECT_EQ(loaded, 1);
}

}  // namespace
}  // namespace journeyfeed::testing
