// The bulk messages of journeys are all or nothing, and name every row that its status forbids.
#include <gtest/gtest.h>

#include "tests/lifecycle/journeys.h"

namespace journeyfeed::testing {
namespace {

using Stub = journeys::CustomerJourneyService::Stub;
TEST(BulkTransitions, OneForbiddenRowKeepsAllAndEachIsNamed) {
  const std::string draft = MakeJourney(), second = MakeJourney(), live = MakeJourney();
  PutInto(Url(), live, kLive);
  journeys::UpdateMultipleRequest request;
  const auto add = [&](const std::string& id) -> journeys::CustomerJourney& {
    auto* target = request.add_targets()->mutable_target();
    target->set_id(id);
    return *target;
  };
  add(draft).set_purpose("p");
  add(second).set_status_code(journeys::CUSTOMER_JOURNEY_STATUS_CODE_STOPPING);
  add(live).set_name("x");
  const auto refused = Journeys().Send(&Stub::UpdateMultiple, request);
  EXPECT_EQ(refused.ending.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(refused.ending.reason, "INVALID_STATE_TRANSITION") << "of the first row that fails";
  EXPECT_FALSE(refused.ending.Violates("targets[0]"));
  EXPECT_TRUE(refused.ending.Violates("targets[1]")) << refused.ending;
  EXPECT_TRUE(refused.ending.Violates("targets[2].target.name")) << refused.ending;
  EXPECT_FALSE(Journeys().Get(draft).has_purpose());
}

TEST(BulkTransitions, RecordsBeginAsDraft) {
  const std::string first = NewId(), second = NewId();
  journeys::CreateMultipleRequest create;
  journeys::UpsertMultipleRequest upsert;
  for (const std::string& id : {first, second}) {
    for (auto* target : {create.add_targets(), upsert.add_targets()->mutable_target()}) {
      target->set_id(id);
      target->set_name("n");
      if (id == second) target->set_status_code(journeys::CUSTOMER_JOURNEY_STATUS_CODE_LIVE);
    }
  }
  for (const Ending& ending :
       {Journeys().Send(&Stub::CreateMultiple, create).ending, Journeys().Send(&Stub::UpsertMultiple, upsert).ending}) {
    EXPECT_EQ(ending.reason, "INVALID_STATE_TRANSITION") << ending;
    EXPECT_TRUE(ending.Violates("targets[1]")) << ending;
  }
  EXPECT_EQ(Journeys().Retrieve(Target(first)).ending.reason, "OBJECT_DOES_NOT_EXIST");
}

TEST(BulkTransitions, AThousandGoTogether) {
  std::vector<std::string> ids;
  journeys::CreateMultipleRequest create;
  journeys::UpdateMultipleRequest update;
  for (int i = 0; i < 1000; ++i) {
    ids.push_back(NewId());
    auto* target = create.add_targets();
    target->set_id(ids.back());
    target->set_name("n");
    target = update.add_targets()->mutable_target();
    target->set_id(ids.back());
    target->set_state_code(journeys::CUSTOMER_JOURNEY_STATE_CODE_INACTIVE);
  }
  ASSERT_TRUE(Journeys().Send(&Stub::CreateMultiple, create).ok());
  ASSERT_TRUE(Journeys().Send(&Stub::UpdateMultiple, update).ok());
  EXPECT_EQ(StatusOf(Url(), ids.front()), kExpired);
  const auto again = Journeys().Send(&Stub::UpdateMultiple, update);
  EXPECT_TRUE(again.ok()) << "staying is no transition: " << again.ending;
}

}  // namespace
}  // namespace journeyfeed::testing
