// Journeys: all rows or none.
#include <gmock/gmock.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/bulk/entities.h"

namespace journeyfeed::testing {
namespace {

using ::testing::HasSubstr;

std::string State() { return StateOf(TheService().database_url); }

// The description of the violation of one field.
std::string Explained(const grpc::Status& status, const std::string& field) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  for (const auto& any : details.details()) {
    google::rpc::BadRequest bad;
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      if (violation.field() == field) return violation.description();
    }
  }
  return "";
}

template <typename Request, typename Response>
grpc::Status Raw(grpc::Status (journeys::CustomerJourneyService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                                Response*),
                 const Request& request) {
  grpc::ClientContext context;
  Prepare(context, {});
  Response response;
  return (Journeys().stub().*method)(&context, request, &response);
}

TEST(Atomic, OneBadRowAmongFiveHundredStoresNothingAndIsNamed) {
  const std::string before = State();
  auto create = CreateMany<OfJourneys>(500, "all or none");
  create.mutable_targets(321)->clear_name();
  const auto refused = Send<OfJourneys>(create);
  EXPECT_EQ(refused.ending.reason, "REQUIRED_FIELD_MISSING") << refused.ending;
  ASSERT_EQ(refused.ending.violations.size(), 1u);
  EXPECT_EQ(refused.ending.violations[0].field, "targets[321].name");
  EXPECT_EQ(State(), before);
}

TEST(Atomic, AllBadRowsAreNamedAsFarAsAnErrorHolds) {
  auto create = CreateMany<OfJourneys>(1000, "bad");
  for (auto& target : *create.mutable_targets()) target.clear_name();
  const auto refused = Send<OfJourneys>(create);
  EXPECT_EQ(refused.ending.metadata.at("violations_total"), "1000");
  EXPECT_LE(refused.ending.detail_bytes, 6 * 1024u);
  EXPECT_GE(refused.ending.violations.size(), 10u);
}

TEST(Atomic, ViolationsBeyondThoseThatAreListedAreCounted) {
  journeys::UpdateMultipleRequest update;
  for (int row = 0; row < 1000; ++row) {
    auto& target = AddUpdate<OfJourneys>(update, NewId(), "n");
    for (int path = 0; path < 100; ++path) target.mutable_update_mask()->add_paths("nothing");
  }
  const auto refused = Journeys().Send(&journeys::CustomerJourneyService::Stub::UpdateMultiple, update);
  EXPECT_EQ(refused.ending.reason, "QUERY_BUILDER_NO_ATTRIBUTE") << refused.ending;
  EXPECT_EQ(refused.ending.metadata.at("violations_total"), "100000");
  EXPECT_TRUE(refused.ending.message.starts_with("100000 invalid fields")) << refused.ending;
  EXPECT_GE(refused.ending.violations.size(), 10u);
}

TEST(Atomic, RowsThatTheStoreRefusesAreAllNamedAndTheFirstDecides) {
  const auto ids = MakeMany<OfJourneys>(4, "n");
  const std::string before = State();
  journeys::UpdateMultipleRequest update;
  AddUpdate<OfJourneys>(update, ids[0], "good");
  AddUpdate<OfJourneys>(update, ids[1], "outdated").set_if_match("1");
  AddUpdate<OfJourneys>(update, NewId(), "missing");
  AddUpdate<OfJourneys>(update, ids[2], "good");
  const auto refused = Send<OfJourneys>(update);
  EXPECT_EQ(refused.ending.code, grpc::StatusCode::ABORTED) << refused.ending;
  EXPECT_EQ(refused.ending.reason, "CONCURRENCY_VERSION_MISMATCH");
  ASSERT_EQ(refused.ending.violations.size(), 2u);
  EXPECT_TRUE(refused.ending.Violates("targets[1]") && refused.ending.Violates("targets[2]"));
  EXPECT_EQ(State(), before);

  journeys::UpsertMultipleRequest upsert;
  for (const std::string& id : {ids[0], NewId(), ids[3]}) {
    auto& row = *upsert.add_targets();
    row.mutable_target()->set_id(id);
    row.mutable_target()->set_purpose("p");  // not enough to create one
  }
  upsert.mutable_targets(2)->set_if_none_match("*");
  const auto incomplete = Send<OfJourneys>(upsert);
  EXPECT_EQ(incomplete.ending.reason, "REQUIRED_FIELD_MISSING") << incomplete.ending;
  EXPECT_TRUE(incomplete.ending.Violates("targets[2]")) << incomplete.ending;
  EXPECT_EQ(State(), before);

  auto create = CreateMany<OfJourneys>(3, "taken");
  create.mutable_targets(1)->set_id(ids[0]);
  const auto taken = Send<OfJourneys>(create);
  EXPECT_EQ(taken.ending.code, grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_TRUE(taken.ending.Violates("targets[1]"));
  EXPECT_EQ(State(), before);
}

TEST(Atomic, TheSameKeyTwiceIsRefusedAndBothAreNamed) {
  const auto ids = MakeMany<OfJourneys>(2, "n");
  const std::string before = State();
  journeys::UpdateMultipleRequest update;
  AddUpdate<OfJourneys>(update, ids[0], "a");
  AddUpdate<OfJourneys>(update, ids[1], "b");
  std::string spelled = "{" + ids[0] + "}";
  std::ranges::transform(spelled, spelled.begin(), [](unsigned char c) { return std::toupper(c); });
  AddUpdate<OfJourneys>(update, spelled, "c");
  const auto status = Raw(&journeys::CustomerJourneyService::Stub::UpdateMultiple, update);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(Explained(status, "targets[2]"), HasSubstr("targets[0]"));
  EXPECT_EQ(State(), before);
}

TEST(Atomic, AMaskIsOfItsRow) {
  const auto ids = MakeMany<OfJourneys>(2, "n");
  journeys::UpdateMultipleRequest update;
  for (const std::string& id : ids) {
    auto& row = AddUpdate<OfJourneys>(update, id, "renamed");
    row.mutable_target()->set_purpose("p");
  }
  update.mutable_targets(1)->mutable_update_mask()->add_paths("purpose");
  ASSERT_TRUE(Send<OfJourneys>(update).ok());
  EXPECT_EQ(Journeys().Get(ids[0]).name(), "renamed");
  EXPECT_EQ(Journeys().Get(ids[1]).name(), "n 1");
  EXPECT_EQ(Journeys().Get(ids[1]).purpose(), "p");
  update.mutable_targets(1)->mutable_update_mask()->add_paths("nothing");
  EXPECT_TRUE(Send<OfJourneys>(update).ending.Violates("targets[1].update_mask.paths[1]"))
      << Send<OfJourneys>(update).ending;
}

TEST(Atomic, AFailedRequestLeavesItsRequestIdFree) {
  const std::string missing = NewId();
  journeys::UpdateMultipleRequest update;
  update.set_request_id(NewId());
  AddUpdate<OfJourneys>(update, MakeJourney(), "a");
  AddUpdate<OfJourneys>(update, missing, "b");
  EXPECT_EQ(Send<OfJourneys>(update).ending.reason, "OBJECT_DOES_NOT_EXIST");
  ASSERT_TRUE(Journeys().Create(Target(missing, "name: 'n'")).ok());
  EXPECT_TRUE(Send<OfJourneys>(update).ok());
}

TEST(Atomic, DeleteMultipleIsOfSessionsOnly) {
  EXPECT_EQ(CallRaw(TheService().server.channel(),
                    "/journeyfeed.customerjourney.v1.CustomerJourneyService/DeleteMultiple", "")
                .ending.code,
            grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace journeyfeed::testing
