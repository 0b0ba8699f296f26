// An expired record is absent everywhere, even while its row still exists.
#include <gtest/gtest.h>

#include "tests/integration/streams.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

bool IsGone(const std::string& id) {
  return Sessions().Retrieve(Target(id)).ending.code == grpc::StatusCode::NOT_FOUND;
}

std::string RowsOf(const std::string& id) {
  return Query(TheService().database_url,
               "select count(*) from journeyfeed.journey_run_session where id = '" + id + "'");
}

// Several records wait together for their second to pass.
class Expiry : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ids_.clear();
    for (int i = 0; i < 6; ++i) ids_.push_back(MakeSession("ttl_in_seconds: 1 import_sequence_number: 7"));
    before_ = Sessions().Get(ids_[0]);
    ASSERT_TRUE(Eventually([] { return IsGone(ids_.back()); }));
  }

  static std::vector<std::string> ids_;
  static sessions::JourneyRunSession before_;
};
std::vector<std::string> Expiry::ids_;
sessions::JourneyRunSession Expiry::before_;

TEST_F(Expiry, RetrieveUpdateAndDeleteFindNothing) {
  EXPECT_EQ(RowsOf(ids_[0]), "1") << "the test means a row that is still there";
  EXPECT_EQ(Sessions().Retrieve(Target(ids_[0])).ending.reason, "OBJECT_DOES_NOT_EXIST");
  EXPECT_EQ(Sessions().Update(Target(ids_[0], "name: 'x'")).ending.reason, "OBJECT_DOES_NOT_EXIST");
  EXPECT_EQ(Sessions().Update(Target(ids_[0], "name: 'x'") + "if_match: '*'").ending.reason, "OBJECT_DOES_NOT_EXIST");
  EXPECT_EQ(Sessions().Delete(Target(ids_[0])).ending.reason, "OBJECT_DOES_NOT_EXIST");
  EXPECT_EQ(Sessions().Upsert(Target(ids_[0], kSession) + "if_match: '*'").ending.reason, "OBJECT_DOES_NOT_EXIST");
}

TEST_F(Expiry, CreateMakesANewRecordAfterItsDeletionInTheLog) {
  const std::string& id = ids_[1];
  const std::string head = SessionHead();
  const auto created =
      Sessions().Create(Target(id, kSession) + "return_representation: true", {{"x-user-id", NewId()}});
  ASSERT_TRUE(created.ok()) << created.ending;
  const auto& record = created->representation();
  EXPECT_GT(record.created_on().DebugString(), before_.created_on().DebugString());
  EXPECT_NE(record.created_by(), before_.created_by());
  EXPECT_FALSE(record.has_ttl_in_seconds());
  EXPECT_FALSE(record.has_import_sequence_number()) << "nothing of the old record";
  EXPECT_EQ(Query(TheService().database_url,
                  "select string_agg(concat_ws(',', message, parent_message, call_end), ' ' order by seq)"
                  " from journeyfeed.journey_run_session_log where record_id = '" +
                      id + "'"),
            "1,t 4,13,f 1,t");
  EXPECT_EQ(Query(TheService().database_url,
                  "select string_agg(version_number::text, '<' order by seq) ="
                  " string_agg(version_number::text, '<' order by version_number)"
                  " from journeyfeed.journey_run_session_log where record_id = '" +
                      id + "'"),
            "t");
  const auto changes = SessionChangesSince(head);
  ASSERT_EQ(changes.size(), 1u) << "the newest state only";
  EXPECT_EQ(changes[0].new_or_updated_entity().version_number(), created->version_number());
}

TEST_F(Expiry, UpsertCreates) {
  const auto upserted = Sessions().Upsert(Target(ids_[2], kSession) + "return_representation: true");
  EXPECT_TRUE(upserted->record_created()) << upserted.ending;
  EXPECT_GT(upserted->representation().created_on().DebugString(), before_.created_on().DebugString());
  EXPECT_TRUE(Sessions().Upsert(Target(ids_[3], kSession) + "if_none_match: '*'")->record_created());
}

TEST_F(Expiry, TheLoadSkipsIt) {
  SessionChanges load(TheService().server.channel(), "columns { paths: 'name' }");
  for (const auto& response : load.ReadAll()) {
    for (const auto& change : response.changes()) EXPECT_NE(change.new_or_updated_entity().id(), ids_[4]);
  }
  EXPECT_TRUE(load.End().ok());
}

TEST(ExpiryClock, BeginsAgainWithEveryWrite) {
  const std::string id = MakeSession("ttl_in_seconds: 100000");
  const auto expiry = [&id] {
    return Query(TheService().database_url,
                 "select round(extract(epoch from expires_at - modified_on)) || '/' ||"
                 " (expiry_hour = floor(extract(epoch from expires_at) / 3600))"
                 " from journeyfeed.journey_run_session where id = '" +
                     id + "'");
  };
  EXPECT_EQ(expiry(), "100000/true");
  ASSERT_TRUE(Sessions().Update(Target(id, "name: 'x'")).ok());
  EXPECT_EQ(expiry(), "100000/true");
  ASSERT_TRUE(Sessions().Update(Target(id, "ttl_in_seconds: 7")).ok());
  EXPECT_EQ(expiry(), "7/true");
  ASSERT_TRUE(Sessions().Update(Target(id) + "update_mask { paths: 'ttl_in_seconds' }").ok());
  EXPECT_EQ(expiry(), "");
}

}  // namespace
}  // namespace journeyfeed::testing
