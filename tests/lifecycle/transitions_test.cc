// Which statuses can follow, who may set them, and what may be deleted: every cell over the real server.
#include <gtest/gtest.h>

#include <future>

#include "tests/lifecycle/journeys.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

auto SetStatus(const std::string& id, int status) {
  return Journeys().Update(Target(id, "status_code: " + std::to_string(Code(status))));
}

TEST(Transitions, CallersMayWhatTheMatrixAndTheirPartAllow) {
  for (int from = 0; from < kStatuses; ++from) {
    for (int to = 0; to < kStatuses; ++to) {
      const std::string id = MakeJourney();
      const Hold hold(Url(), id);
      PutInto(Url(), id, from);
      const auto answer = SetStatus(id, to);
      const std::string cell = std::string(kLabels[from]) + " to " + kLabels[to];
      if (from == to || (kMatrix[from][to] && kOfCallers[to])) {
        EXPECT_TRUE(answer.ok()) << cell << ' ' << answer.ending;
        EXPECT_EQ(StatusOf(Url(), id), to) << cell;
        continue;
      }
      EXPECT_EQ(answer.ending.code, grpc::StatusCode::FAILED_PRECONDITION) << cell;
      EXPECT_EQ(answer.ending.reason, "INVALID_STATE_TRANSITION") << cell;
      EXPECT_EQ(answer.ending.metadata.at("code"), "0x8004F00E");
      EXPECT_EQ(answer.ending.metadata.at("from"), kLabels[from]);
      EXPECT_EQ(answer.ending.metadata.at("to"), kLabels[to]);
      EXPECT_NE(answer.ending.message.find(kLabels[from]), std::string::npos);
      EXPECT_NE(answer.ending.message.find(kLabels[to]), std::string::npos);
      std::string allowed;
      for (int other = 0; other < kStatuses; ++other) {
        if (other == from || !kMatrix[from][other] || !kOfCallers[other]) continue;
        const std::string label = kLabels[other];
        allowed += (allowed.empty() ? "" : ", ") + (other == kLiveEditable ? '"' + label + '"' : label);
      }
      EXPECT_EQ(answer.ending.metadata.at("allowed"), allowed.empty() ? "none" : allowed) << cell;
      EXPECT_EQ(StatusOf(Url(), id), from) << cell;
    }
  }
}

TEST(Transitions, AreKnownBeforehand) {
  const auto ask = [](const std::string& id, const std::string& state, int status) {
    journeys::IsValidStateTransitionRequest request;
    request.mutable_entity()->set_id(id);
    request.set_new_state(state);
    request.set_new_status(static_cast<journeys::CustomerJourneyStatusCode>(status));
    return Journeys().Send(&journeys::CustomerJourneyService::Stub::IsValidStateTransition, request);
  };
  const std::string id = MakeJourney();
  const Hold hold(Url(), id);
  for (int from = 0; from < kStatuses; ++from) {
    PutInto(Url(), id, from);
    for (int to = 0; to < kStatuses; ++to) {
      const std::string state = to == kExpired ? "Inactive" : "Active";
      const auto answer = ask(id, state, Code(to));
      EXPECT_EQ(answer->is_valid(), kMatrix[from][to]) << from << ' ' << to << answer.ending;
      EXPECT_EQ(answer->open_to_callers(), from == to || (kMatrix[from][to] && kOfCallers[to])) << from << ' ' << to;
      EXPECT_FALSE(ask(id, to == kExpired ? "Active" : "Inactive", Code(to))->is_valid()) << "of the other state";
    }
  }
  EXPECT_EQ(ask(NewId(), "Active", Code(kLive)).ending.reason, "OBJECT_DOES_NOT_EXIST");
  const auto bad = ask("no id", "active", 7);
  EXPECT_EQ(bad.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
  for (const char* field : {"entity.id", "new_state", "new_status"}) EXPECT_TRUE(bad.ending.Violates(field)) << field;
}

TEST(Transitions, ARecordBeginsAsDraft) {
  for (int status = 0; status < kStatuses; ++status) {
    const std::string id = NewId();
    const std::string target = Target(id, "name: 'n' status_code: " + std::to_string(Code(status)));
    const auto created = Journeys().Create(target);
    if (status == kDraft) {
      EXPECT_TRUE(created.ok()) << created.ending;
      continue;
    }
    const auto upserted = Journeys().Upsert(target);
    for (const Ending& ending : {created.ending, upserted.ending}) {
      EXPECT_EQ(ending.code, grpc::StatusCode::FAILED_PRECONDITION) << kLabels[status];
      EXPECT_EQ(ending.reason, "INVALID_STATE_TRANSITION");
      EXPECT_EQ(ending.metadata.at("to"), kLabels[status]);
      EXPECT_EQ(ending.metadata.at("allowed"), "Draft");
    }
    EXPECT_EQ(Journeys().Retrieve(Target(id)).ending.reason, "OBJECT_DOES_NOT_EXIST");
  }
  EXPECT_EQ(Journeys().Create("target { name: 'n' state_code: 1 }").ending.reason, "INVALID_STATE_TRANSITION");
}

TEST(Transitions, OnlySomeStatusesLetARecordBeDeleted) {
  constexpr bool kDeletable[kStatuses] = {true, false, true, false, true, true, false, false};
  for (int status = 0; status < kStatuses; ++status) {
    const std::string id = MakeJourney();
    const Hold hold(Url(), id);
    PutInto(Url(), id, status);
    const auto deleted = Journeys().Delete(Target(id));
    EXPECT_EQ(deleted.ok(), kDeletable[status]) << kLabels[status] << deleted.ending;
    if (kDeletable[status]) continue;
    EXPECT_EQ(deleted.ending.code, grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(deleted.ending.reason, "INVALID_STATE");
    EXPECT_EQ(deleted.ending.metadata.at("code"), "0x80040233");
    EXPECT_EQ(deleted.ending.metadata.at("status"), kLabels[status]);
  }
}

// Two callers that both saw a draft: the status is checked under the lock on the record, so one of them comes too late.
TEST(Transitions, OfOneRecordAreJudgedOneAfterTheOther) {
  const std::string id = MakeJourney();
  const Hold hold(Url(), id);
  DatabaseConnection lock(Url());
  const std::string key = "hashtextextended(concat_ws('/', 2::smallint, '" + id + "'::uuid), 1)";
  lock.Execute("select pg_advisory_lock(" + key + ")");
  auto expire = std::async(std::launch::async, [&] { return SetStatus(id, kExpired).ending; });
  auto publish = std::async(std::launch::async, [&] { return SetStatus(id, kGoingLive).ending; });
  ASSERT_TRUE(Eventually([&] {
    return Query(Url(), "select count(*) from pg_locks where not granted and locktype = 'advisory'") != "0";
  }));
  lock.Execute("select pg_advisory_unlock(" + key + ")");
  const std::vector<Ending> endings = {expire.get(), publish.get()};
  EXPECT_NE(endings[0].ok(), endings[1].ok());
  EXPECT_EQ((endings[0].ok() ? endings[1] : endings[0]).reason, "INVALID_STATE_TRANSITION");
  EXPECT_EQ(StatusOf(Url(), id), endings[0].ok() ? kExpired : kGoingLive);
}

TEST(Transitions, AVersionThatDiffersIsSaidBeforeTheStatus) {
  const std::string id = MakeJourney();
  const auto refused =
      Journeys().Update(Target(id, "status_code: " + std::to_string(Code(kLive))) + "if_match: '999999'");
  EXPECT_EQ(refused.ending.reason, "CONCURRENCY_VERSION_MISMATCH");
}

}  // namespace
}  // namespace journeyfeed::testing
