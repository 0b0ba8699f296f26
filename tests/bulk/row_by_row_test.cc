// Sessions: rows are executed in input order and fail alone.
#include "tests/bulk/entities.h"

namespace journeyfeed::testing {
namespace {

std::vector<std::string> Errors(const google::protobuf::RepeatedPtrField<entity::v1::RowResult>& results) {
  std::vector<std::string> errors;
  for (const auto& result : results) errors.push_back(ErrorOf(result));
  return errors;
}
using Errs = std::vector<std::string>;

TEST(RowByRow, ABadRowAmongFiveHundredFailsAlone) {
  auto create = CreateMany<OfSessions>(500, "mostly good");
  create.mutable_targets(250)->clear_name();
  create.mutable_targets(250)->set_ttl_in_seconds(-5);
  const auto created = Send<OfSessions>(create);
  ASSERT_TRUE(created.ok()) << created.ending;
  EXPECT_EQ(created->failed_count(), 1);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(created->results(i).has_error(), i == 250) << i;
  const auto& bad = created->results(250);
  EXPECT_EQ(bad.version_number(), 0);
  EXPECT_FALSE(bad.record_created());
  const Ending error =
      Decode(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, bad.error().message(), bad.error().SerializeAsString()));
  EXPECT_EQ(bad.error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(error.Violates("targets[250].name") && error.Violates("targets[250].ttl_in_seconds")) << error;
}

TEST(RowByRow, AThousandBadRowsAreAThousandErrorsOfOneAnswer) {
  auto create = CreateMany<OfSessions>(1000, "bad");
  for (auto& target : *create.mutable_targets()) {
    target.set_id("no id");
    target.clear_name();
    target.clear_session();
  }
  const auto created = Send<OfSessions>(create);
  ASSERT_TRUE(created.ok()) << created.ending;
  EXPECT_EQ(created->failed_count(), 1000);
  EXPECT_EQ(created->session_token(), "");
  EXPECT_LT(created->ByteSizeLong(), 4u << 20) << "what gRPC clients accept unless told";
}

TEST(RowByRow, MissingForeignAndOutdatedRows) {
  const auto ids = MakeMany<OfSessions>(3, "n");
  sessions::UpdateMultipleRequest update;
  AddUpdate<OfSessions>(update, ids[0], "good");
  AddUpdate<OfSessions>(update, NewId(), "missing");
  AddUpdate<OfSessions>(update, ids[1], "of another partition").mutable_target()->set_partition_id("elsewhere");
  AddUpdate<OfSessions>(update, ids[1], "outdated").set_if_match("1");
  AddUpdate<OfSessions>(update, ids[2], "must exist").set_if_match("*");
  AddUpdate<OfSessions>(update, NewId(), "must exist").set_if_match("*");
  const auto updated = Send<OfSessions>(update);
  ASSERT_TRUE(updated.ok()) << updated.ending;
  EXPECT_EQ(Errors(updated->results()), (Errs{"", "OBJECT_DOES_NOT_EXIST", "OBJECT_DOES_NOT_EXIST",
                                              "CONCURRENCY_VERSION_MISMATCH", "", "OBJECT_DOES_NOT_EXIST"}));
  EXPECT_EQ(updated->failed_count(), 4);
  EXPECT_EQ(Sessions().Get(ids[1]).name(), "n 1");

  sessions::UpsertMultipleRequest upsert;
  for (const char* tag : {"none", "match", ""}) {
    auto& row = *upsert.add_targets();
    *row.mutable_target() = OfSessions::Make("upserted");
    row.mutable_target()->set_id(ids[0]);
    if (std::string_view(tag) == "none") row.set_if_none_match("*");
    if (std::string_view(tag) == "match") row.set_if_match("W/\"1\"");
  }
  const auto upserted = Send<OfSessions>(upsert);
  EXPECT_EQ(Errors(upserted->results()), (Errs{"DUPLICATE_RECORD", "CONCURRENCY_VERSION_MISMATCH", ""}));

  sessions::DeleteMultipleRequest erase;
  for (const std::string& id : {ids[0], NewId(), ids[1], ids[2]}) erase.add_targets()->mutable_target()->set_id(id);
  erase.mutable_targets(2)->set_if_match("1");
  const auto erased = SendDelete(erase);
  EXPECT_EQ(Errors(erased->results()), (Errs{"", "OBJECT_DOES_NOT_EXIST", "CONCURRENCY_VERSION_MISMATCH", ""}));
  EXPECT_GT(erased->results(0).version_number(), upserted->results(2).version_number());
  EXPECT_EQ(CountNamed<OfSessions>("id in (" + ids[0] + "," + ids[1] + "," + ids[2] + ")", erased->session_token()), 1);
}

TEST(RowByRow, TheSameKeyTwiceIsAppliedInInputOrder) {
  const std::string id = NewId();
  sessions::UpsertMultipleRequest upsert;
  for (int i = 0; i < 40; ++i) {
    auto& target = *upsert.add_targets()->mutable_target();
    target = OfSessions::Make("state " + std::to_string(i));
    target.set_id(i % 4 == 3 ? NewId() : id);
  }
  const auto upserted = Send<OfSessions>(upsert);
  ASSERT_TRUE(upserted.ok()) << upserted.ending;
  std::int64_t version = 0;
  for (int i = 0; i < 40; ++i) {
    const auto& result = upserted->results(i);
    EXPECT_EQ(ErrorOf(result), "");
    EXPECT_EQ(result.record_created(), i == 0 || i % 4 == 3) << i;
    if (i % 4 == 3) continue;
    EXPECT_GT(result.version_number(), version) << i;
    version = result.version_number();
  }
  EXPECT_EQ(Sessions().Get(id).name(), "state 38");

  auto create = CreateMany<OfSessions>(2, "twice");
  for (auto& target : *create.mutable_targets()) target.set_id(id.substr(0, 35) + (id.back() == '0' ? "1" : "0"));
  EXPECT_EQ(Errors(Send<OfSessions>(create)->results()), (Errs{"", "DUPLICATE_RECORD"}));

  sessions::DeleteMultipleRequest erase;
  for (int i = 0; i < 2; ++i) erase.add_targets()->mutable_target()->set_id(id);
  EXPECT_EQ(Errors(SendDelete(erase)->results()), (Errs{"", "OBJECT_DOES_NOT_EXIST"}));
}

// The same id in other partitions is another record.
TEST(RowByRow, TheSameIdInOtherPartitionsIsNotTheSameKey) {
  const std::string id = NewId();
  auto create = CreateMany<OfSessions>(300, "in parts");
  for (int i = 0; i < 300; ++i) {
    create.mutable_targets(i)->set_id(id);
    if (i > 0) create.mutable_targets(i)->set_partition_id("part" + std::to_string(i));
  }
  const auto created = Send<OfSessions>(create);
  EXPECT_EQ(created->failed_count(), 0) << created->results(1).DebugString();
  EXPECT_EQ(created->results(0).partition_id(), id);
  EXPECT_EQ(created->results(7).partition_id(), "part7");
  auto again = CreateMany<OfSessions>(2, "itself");
  again.mutable_targets(0)->set_id(id);
  again.mutable_targets(0)->set_partition_id(id);
  again.mutable_targets(1)->set_id(id);
  again.mutable_targets(1)->set_partition_id("Part7");
  EXPECT_EQ(Errors(Send<OfSessions>(again)->results()), (Errs{"DUPLICATE_RECORD", ""})) << "case counts";
}

// 12 MB in one request are cut, stored and read.
TEST(RowByRow, LargeRows) {
  const std::string name = "large " + NewId();
  auto create = CreateMany<OfSessions>(12, name);
  for (auto& target : *create.mutable_targets()) target.set_session(Letters(1'000'000));
  const auto created = Send<OfSessions>(create);
  ASSERT_TRUE(created.ok()) << created.ending;
  EXPECT_EQ(created->failed_count(), 0);
  EXPECT_EQ(Sessions().Get(created->results(11).id()).session().size(), 1'000'000u);
  EXPECT_EQ(CountNamed<OfSessions>("startswith(name,'" + name + "')", created->session_token()), 12);
}

// A repetition retries what failed the first time and not what succeeded.
TEST(RowByRow, ARepetitionExecutesOnlyWhatFailed) {
  const std::string there = MakeSession(), missing = NewId();
  sessions::UpdateMultipleRequest update;
  update.set_request_id(NewId());
  AddUpdate<OfSessions>(update, there, "done");
  AddUpdate<OfSessions>(update, missing, "done later");
  const auto first = Send<OfSessions>(update);
  EXPECT_EQ(Errors(first->results()), (Errs{"", "OBJECT_DOES_NOT_EXIST"}));
  ASSERT_TRUE(Sessions().Create(Target(missing, kSession)).ok());
  const auto again = Send<OfSessions>(update);
  EXPECT_EQ(Errors(again->results()), (Errs{"", ""}));
  EXPECT_EQ(again->results(0).DebugString(), first->results(0).DebugString());
  // The token belongs to the row that was executed now.
  sessions::RetrieveRequest read;
  read.mutable_target()->set_id(missing);
  read.set_session_token(again->session_token());
  EXPECT_EQ(Sessions().Send(&sessions::JourneyRunSessionService::Stub::Retrieve, read)->entity().name(), "done later");
  EXPECT_NE(again->session_token(), first->session_token());
}

}  // namespace
}  // namespace journeyfeed::testing
