// Kills every part of a real service while clients write and follow. README.md explains longer runs.
#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "tests/fault/load.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
namespace pb = journeyrunsession::v1;
using ::testing::IsEmpty;

// Printed, so that a failed run can be repeated.
unsigned Seed() {
  static const unsigned seed = [] {
    const char* given = std::getenv("JOURNEYFEED_FAULT_SEED");
    const unsigned chosen = given ? static_cast<unsigned>(std::stoul(given)) : std::random_device()();
    std::cout << "JOURNEYFEED_FAULT_SEED=" << chosen << std::endl;
    return chosen;
  }();
  return seed;
}

// Writes that must succeed between two faults: a run without work proves nothing.
constexpr int kWork = 40;

enum class Fault { kPostmaster, kBackend, kTerminate, kServer, kStopped };

// Returns whether it happened.
bool Inflict(Service& service, Fault fault, std::mt19937& random) {
  switch (fault) {
    case Fault::kPostmaster:
      return service.KillPostmaster();
    case Fault::kBackend:
      return service.KillBackend(static_cast<unsigned>(random()));
    case Fault::kTerminate:
      return service.TerminateBackends();
    case Fault::kServer:
      service.KillServer();
      return true;
    case Fault::kStopped:
      const auto stopped = service.StopWriters();
      const auto until = std::chrono::steady_clock::now() + 300ms;
      (void)Eventually([&] { return std::chrono::steady_clock::now() > until; });
      Service::Continue(stopped);
      return true;
  }
  return false;
}

void KillWhileWorking(const std::vector<Fault>& faults, unsigned seed) {
  Service service;
  std::mt19937 random(seed);
  Load load(service, seed);
  ASSERT_TRUE(load.AwaitWork(kWork)) << service.log();
  for (const Fault fault : faults) {
    ASSERT_TRUE(Inflict(service, fault, random)) << "there was nothing to kill\n" << service.log();
    ASSERT_TRUE(load.AwaitWork(kWork + static_cast<int>(random() % kWork))) << "the service did not recover\n"
                                                                            << service.log();
  }
  ASSERT_TRUE(load.AwaitFollowersDieAndResume()) << service.log();
  EXPECT_THAT(load.Finish(), IsEmpty()) << service.log();
  EXPECT_GE(load.acknowledged(), kWork * static_cast<int>(faults.size() + 1));
}

TEST(FaultTest, ThePostmasterIsKilledInTheMiddleOfWrites) {
  KillWhileWorking({Fault::kPostmaster, Fault::kPostmaster, Fault::kPostmaster}, Seed());
}

TEST(FaultTest, SessionsAreKilledInTheMiddleOfWrites) {
  KillWhileWorking({Fault::kBackend, Fault::kTerminate, Fault::kBackend, Fault::kTerminate, Fault::kTerminate},
                   Seed() + 1);
}

TEST(FaultTest, TheServerIsKilledInTheMiddleOfWrites) {
  KillWhileWorking({Fault::kServer, Fault::kServer, Fault::kServer}, Seed() + 2);
}

TEST(FaultTest, Everything) {
  const char* given = std::getenv("JOURNEYFEED_FAULT_COUNT");
  const int count = given ? std::stoi(given) : 5;
  std::mt19937 random(Seed() + 3);
  std::vector<Fault> faults;
  for (int i = 0; i < count; ++i) faults.push_back(static_cast<Fault>(random() % 5));
  KillWhileWorking(faults, Seed() + 3);
}

// The connections that write are stopped: calls end at their deadlines, reads continue, and the same request succeeds
// once afterwards.
TEST(FaultTest, DeadlinesHoldWhileTheWritingSessionsStandStill) {
  Service service({"--write-connections", "1"});
  const auto stub = pb::JourneyRunSessionService::NewStub(service.channel());
  const auto create = [&](int key, const std::string& request_id, std::chrono::milliseconds limit) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + limit);
    pb::CreateRequest request;
    pb::CreateResponse response;
    request.mutable_target()->set_id(Key(key).id.ToString());
    request.mutable_target()->set_name("n");
    request.mutable_target()->set_journey_run_id("r");
    request.mutable_target()->set_session("s");
    request.set_request_id(request_id);
    return stub->Create(&context, request, &response).error_code();
  };
  // The only connection that writes has written.
  ASSERT_TRUE(Eventually([&] { return create(1, "", 5s) != grpc::StatusCode::UNAVAILABLE; }));
  const auto stopped = service.StopWriters();
  ASSERT_FALSE(stopped.empty());
  const std::string request_id = Uuid::MakeV7().ToString();
  std::vector<grpc::StatusCode> codes(4);
  std::vector<std::jthread> callers;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    callers.emplace_back([&, i] { codes[i] = create(100 + static_cast<int>(i), i == 0 ? request_id : "", 1500ms); });
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 30s);
  pb::RetrieveRequest retrieve;
  pb::RetrieveResponse retrieved;
  retrieve.mutable_target()->set_id(Key(1).id.ToString());
  EXPECT_TRUE(stub->Retrieve(&context, retrieve, &retrieved).ok()) << "reads do not wait for writers";
  callers.clear();  // they end although the writers are stopped
  for (const auto code : codes) EXPECT_EQ(code, grpc::StatusCode::DEADLINE_EXCEEDED);
  Service::Continue(stopped);
  EXPECT_EQ(create(100, request_id, 30s), grpc::StatusCode::OK);
  EXPECT_EQ(Query(service.database_url(),
                  "select count(*) from journeyfeed.journey_run_session_log where request_id = '" + request_id + "'"),
            "1");
}

}  // namespace
}  // namespace journeyfeed::testing
