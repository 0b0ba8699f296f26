// A write with a request id is executed once, however often it is sent.
#include <gtest/gtest.h>

#include <cctype>
#include <mutex>
#include <set>
#include <thread>

#include "tests/integration/calls.h"

namespace journeyfeed::testing {
namespace {

std::string With(const std::string& request_id) { return " request_id: " + Quote(request_id); }

std::string Executions(const std::string& table, const std::string& request_id) {
  return Query(TheService().database_url,
               "select count(*) from journeyfeed." + table + "_log where request_id = '" + request_id + "'");
}

TEST(RequestId, ReplaysACreate) {
  const std::string request = NewId();
  const std::string text = "target { " + kSession + " } return_representation: true" + With(request);
  const auto first = Sessions().Create(text);
  const auto again = Sessions().Create(text);
  ASSERT_TRUE(first.ok() && again.ok()) << again.ending;
  EXPECT_EQ(again.response.DebugString(), first.response.DebugString());
  EXPECT_EQ(Executions("journey_run_session", request), "1");
}

TEST(RequestId, ReplaysUpdateUpsertAndDelete) {
  const std::string update = NewId(), upsert = NewId(), make = NewId(), erase = NewId();
  const std::string id = MakeJourney(), fresh = NewId();
  std::set<std::string> answers;
  for (int i = 0; i < 3; ++i) {
    const auto updated = Journeys().Update(Target(id, "name: 'a'") + With(update));
    ASSERT_TRUE(updated.ok()) << updated.ending;
    const auto upserted = Journeys().Upsert(Target(id, "name: 'b'") + With(upsert));
    EXPECT_FALSE(upserted->record_created());
    const auto made = Journeys().Upsert(Target(fresh, "name: 'c'") + With(make));
    EXPECT_TRUE(made->record_created()) << "also when the record exists by now";
    const auto erased = Journeys().Delete(Target(id) + With(erase));
    ASSERT_TRUE(erased.ok()) << erased.ending;
    answers.insert(updated->DebugString() + upserted->DebugString() + made->DebugString() + erased->DebugString());
  }
  EXPECT_EQ(answers.size(), 1u);
  for (const std::string& request : {update, upsert, make, erase})
    EXPECT_EQ(Executions("customer_journey", request), "1");
  EXPECT_FALSE(Journeys().Retrieve(Target(id)).ok());
}

TEST(RequestId, IsOfOneCallerEntityAndMessage) {
  const std::string request = NewId(), id = NewId();
  EXPECT_TRUE(Sessions().Create(Target(id, kSession) + With(request), {{"x-user-id", NewId()}}).ok());
  EXPECT_EQ(Sessions().Create(Target(id, kSession) + With(request), {{"x-user-id", NewId()}}).ending.reason,
            "DUPLICATE_RECORD")
      << "another caller's is another request";
  EXPECT_TRUE(Journeys().Create(Target(id, "name: 'n'") + With(request)).ok());
  EXPECT_TRUE(Sessions().Update(Target(id, "name: 'x'") + With(request)).ok());
  EXPECT_TRUE(Sessions().Upsert(Target(id, kSession) + With(request)).ok());
  EXPECT_TRUE(Sessions().Delete(Target(id) + With(request)).ok());
}

TEST(RequestId, GoesWithWhatIsWrittenInAnySpelling) {
  const std::string request = NewId(), id = NewId();
  std::string capitals = request, id_capitals = id;
  for (std::string* text : {&capitals, &id_capitals}) {
    for (char& c : *text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  const auto first = Sessions().Create(Target(id, kSession) + With(request));
  ASSERT_TRUE(first.ok()) << first.ending;
  for (const std::string& text :
       {Target(id, kSession) + With(capitals), Target(id, kSession) + With("{" + request + "}"),
        Target(id_capitals, kSession) + With(request),
        Target(id, kSession) + With(request) + " return_representation: true"}) {
    const auto again = Sessions().Create(text);
    ASSERT_TRUE(again.ok()) << text << again.ending;
    EXPECT_EQ(again->version_number(), first->version_number()) << text;
  }
  EXPECT_EQ(Sessions().Create(Target(NewId(), kSession) + With(request)).ending.reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(Executions("journey_run_session", request), "1");
}

TEST(RequestId, OfAFailedCallIsFree) {
  const std::string request = NewId(), id = NewId();
  const std::string text = Target(id, "name: 'x'") + With(request);
  EXPECT_EQ(Sessions().Update(text).ending.code, grpc::StatusCode::NOT_FOUND);
  ASSERT_TRUE(Sessions().Create(Target(id, kSession)).ok());
  EXPECT_TRUE(Sessions().Update(text).ok()) << "nothing was done under it";
  EXPECT_EQ(Executions("journey_run_session", request), "1");
}

TEST(RequestId, MayBeWrittenInAnyForm) {
  const std::string request = NewId();
  std::string capitals = request;
  for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::set<std::string> answers;
  // The service chooses the id: a second execution would give another one.
  for (const std::string& form : {"{" + request + "}", request, capitals, "{" + capitals + "}"}) {
    const auto created = Sessions().Create("target { " + kSession + " }" + With(form));
    ASSERT_TRUE(created.ok()) << form << ' ' << created.ending;
    answers.insert(created.response.DebugString());
  }
  EXPECT_EQ(answers.size(), 1u) << *answers.begin() << *answers.rbegin();
  EXPECT_EQ(Executions("journey_run_session", request), "1");
}

// A retry that overtakes the first attempt.
TEST(RequestId, ExecutesOnceWhenSentAtTheSameTime) {
  for (int round = 0; round < 5; ++round) {
    const std::string request = NewId();
    const std::string text = "target { " + kSession + " }" + With(request);
    std::mutex mutex;
    std::set<std::string> answers;
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] {
        SessionClient client(TheService().server.channel());
        const auto created = client.Create(text);
        const std::scoped_lock lock(mutex);
        answers.insert(created.ok() ? created.response.DebugString() : created.ending.message);
      });
    }
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(answers.size(), 1u) << *answers.begin() << *answers.rbegin();
    EXPECT_EQ(Executions("journey_run_session", request), "1");
  }
}

}  // namespace
}  // namespace journeyfeed::testing
