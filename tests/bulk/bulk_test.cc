// What the bulk messages do alike for both entities.
#include <set>

#include "tests/bulk/entities.h"

namespace journeyfeed::testing {
namespace {

template <typename Of>
class Bulk : public ::testing::Test {
 protected:
  static std::string Logged(const std::string& request_id) {
    return Query(TheService().database_url, std::string("select concat(count(*), '/', count(distinct record_id)) from "
                                                        "journeyfeed.") +
                                                Of::kTable + "_log where request_id = '" + request_id + "'");
  }
  static std::string State() { return StateOf(TheService().database_url); }
};
using Entities = ::testing::Types<OfSessions, OfJourneys>;
TYPED_TEST_SUITE(Bulk, Entities);

TYPED_TEST(Bulk, TakesOneToAThousandRows) {
  const std::string before = this->State();
  for (const int count : {0, 1001}) {
    SCOPED_TRACE(count);
    typename TypeParam::UpdateMultipleRequest update;
    typename TypeParam::UpsertMultipleRequest upsert;
    for (int i = 0; i < count; ++i) {
      AddUpdate<TypeParam>(update, NewId(), "x");
      *upsert.add_targets()->mutable_target() = TypeParam::Make("x");
    }
    for (const Ending& ending : {Send<TypeParam>(CreateMany<TypeParam>(count, "x")).ending,
                                 Send<TypeParam>(update).ending, Send<TypeParam>(upsert).ending}) {
      EXPECT_EQ(ending.code, grpc::StatusCode::INVALID_ARGUMENT) << ending;
      EXPECT_TRUE(ending.Violates("targets")) << ending;
    }
  }
  EXPECT_EQ(this->State(), before);
}

TYPED_TEST(Bulk, AnswersAThousandRowsInInputOrder) {
  const std::string name = "thousand " + NewId();
  const auto created = Send<TypeParam>(CreateMany<TypeParam>(1000, name));
  ASSERT_TRUE(created.ok()) << created.ending;
  ASSERT_EQ(created->results_size(), 1000);
  std::set<std::int64_t> versions;
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto& result = created->results(i);
    EXPECT_EQ(result.request_index(), i);
    EXPECT_TRUE(result.record_created());
    EXPECT_EQ(ErrorOf(result), "");
    versions.insert(result.version_number());
    ids.insert(result.id());
    if (i % 100 == 99) {
      EXPECT_EQ(TypeParam::TheClient().Get(result.id()).name(), name + " " + std::to_string(i));
    }
  }
  EXPECT_EQ(versions.size(), 1000u);
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_EQ(CountNamed<TypeParam>("startswith(name,'" + name + " ')", created->session_token()), 1000);
}

TYPED_TEST(Bulk, UpdatesAndUpserts) {
  const auto ids = MakeMany<TypeParam>(20, "before");
  typename TypeParam::UpdateMultipleRequest update;
  for (std::size_t i = 0; i < ids.size(); ++i) AddUpdate<TypeParam>(update, ids[i], "after " + std::to_string(i));
  const auto updated = Send<TypeParam>(update);
  ASSERT_TRUE(updated.ok()) << updated.ending;
  typename TypeParam::RetrieveRequest read;
  read.mutable_target()->set_id(ids[19]);
  read.set_session_token(updated->session_token());
  const auto record = TypeParam::TheClient().Send(&TypeParam::Service::Stub::Retrieve, read);
  EXPECT_EQ(record->entity().name(), "after 19") << record.ending;
  EXPECT_EQ(record->entity().version_number(), updated->results(19).version_number());

  typename TypeParam::UpsertMultipleRequest upsert;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto& row = *upsert.add_targets();
    *row.mutable_target() = TypeParam::Make("upserted");
    row.mutable_target()->set_id(i % 2 == 0 ? ids[i] : NewId());
    if (i % 2 == 0) row.set_if_match(std::to_string(updated->results(static_cast<int>(i)).version_number()));
    if (i % 2 == 1) row.set_if_none_match("*");
  }
  const auto upserted = Send<TypeParam>(upsert);
  ASSERT_TRUE(upserted.ok()) << upserted.ending;
  for (int i = 0; i < upserted->results_size(); ++i) {
    EXPECT_EQ(ErrorOf(upserted->results(i)), "");
    EXPECT_EQ(upserted->results(i).record_created(), i % 2 == 1) << i;
    EXPECT_EQ(upserted->results(i).id(), upsert.targets(i).target().id());
  }
}

TYPED_TEST(Bulk, ARepetitionIsAnsweredTheSameAndExecutedOnce) {
  const std::string create_id = NewId(), update_id = NewId(), upsert_id = NewId();
  auto create = CreateMany<TypeParam>(1000, "repeated");
  create.set_request_id(create_id);
  std::set<std::string> answers;
  typename TypeParam::UpdateMultipleRequest update;
  typename TypeParam::UpsertMultipleRequest upsert;
  update.set_request_id(update_id);
  upsert.set_request_id(upsert_id);
  for (int i = 0; i < 3; ++i) {
    const auto created = Send<TypeParam>(create);
    ASSERT_TRUE(created.ok()) << created.ending;
    if (i == 0) {
      for (int row = 0; row < 600; ++row) {
        AddUpdate<TypeParam>(update, created->results(row).id(), "updated");
        auto& target = *upsert.add_targets()->mutable_target();
        target = TypeParam::Make("upserted");
        target.set_id(row % 2 == 0 ? created->results(row).id() : NewId());
      }
    }
    const auto updated = Send<TypeParam>(update);
    const auto upserted = Send<TypeParam>(upsert);
    ASSERT_TRUE(updated.ok() && upserted.ok()) << updated.ending << upserted.ending;
    answers.insert(created->DebugString() + updated->DebugString() + upserted->DebugString());
  }
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(this->Logged(create_id), "1000/1000");
  EXPECT_EQ(this->Logged(update_id), "600/600");
  EXPECT_EQ(this->Logged(upsert_id), "600/600");
}

// Also for rows that the first request did not have.
TYPED_TEST(Bulk, AnotherPayloadUnderAUsedRequestIdIsRefusedAsAWhole) {
  const std::string request_id = NewId();
  auto first = CreateMany<TypeParam>(3, "first");
  first.set_request_id(request_id);
  ASSERT_TRUE(Send<TypeParam>(first).ok());
  const std::string before = this->State();
  for (const int count : {1, 3, 5, 700}) {
    auto other = CreateMany<TypeParam>(count, "other");
    other.set_request_id(request_id);
    const auto refused = Send<TypeParam>(other);
    EXPECT_EQ(refused.ending.code, grpc::StatusCode::INVALID_ARGUMENT) << count;
    EXPECT_EQ(refused.ending.reason, "REQUEST_ID_REUSED") << refused.ending;
  }
  EXPECT_EQ(this->State(), before);
  EXPECT_TRUE(Send<TypeParam>(first, {{"x-user-id", NewId()}}).ok()) << "another caller's is another request";
  typename TypeParam::UpdateMultipleRequest update;
  AddUpdate<TypeParam>(update, MakeMany<TypeParam>(1, "n")[0], "other message");
  update.set_request_id(request_id);
  EXPECT_TRUE(Send<TypeParam>(update).ok()) << "and so is another message's";
}

TYPED_TEST(Bulk, AMalformedRequestIdOrETagIsNamed) {
  auto create = CreateMany<TypeParam>(2, "n");
  create.set_request_id("x");
  EXPECT_TRUE(Send<TypeParam>(create).ending.Violates("request_id"));
}

// Every row is one change of the feed with the row's message; the call ends after the last one.
TYPED_TEST(Bulk, TheLogHasEachRowWithMessageAndParent) {
  auto create = CreateMany<TypeParam>(5, "logged");
  create.set_request_id(NewId());
  ASSERT_TRUE(Send<TypeParam>(create).ok());
  EXPECT_EQ(
      Query(TheService().database_url,
            std::string("select string_agg(concat_ws('/', message, parent_message, depth, call_end), ' ' order by "
                        "seq) from journeyfeed.") +
                TypeParam::kTable + "_log where request_id = '" + create.request_id() + "'"),
      "1/5/2/f 1/5/2/f 1/5/2/f 1/5/2/f 1/5/2/t");
}

TYPED_TEST(Bulk, ARequestAboveTheSizeLimitIsRefused) {
  const std::string before = this->State();
  auto create = CreateMany<TypeParam>(17, "large");
  for (auto& target : *create.mutable_targets()) {
    if constexpr (std::is_same_v<TypeParam, OfSessions>) {
      target.set_session(Letters(1'000'000));
    } else {
      target.set_workflow_definition(Letters(1'000'000));
    }
  }
  const auto refused = Send<TypeParam>(create);
  EXPECT_EQ(refused.ending.reason, "REQUEST_LENGTH_TOO_LARGE") << refused.ending;
  EXPECT_EQ(this->State(), before);
}

}  // namespace
}  // namespace journeyfeed::testing
