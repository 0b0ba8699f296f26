// The disk of the private database gets full: reads continue, writers are told, and it recovers by itself.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <iostream>
#include <map>
#include <random>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "storage/types.h"
#include "tests/support/eventually.h"
#include "tests/support/server_process.h"
#include "tests/upkeep/small_disk.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using grpc::StatusCode;
namespace pb = journeyrunsession::v1;

constexpr std::int64_t kMiB = 1 << 20;

// A server with its private PostgreSQL on a small disk.
class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << disk_.reason();
  }
  void Start(const std::string& reserve) {
    // Open to PostgreSQL's user, else the cluster would be somewhere else.
    std::filesystem::create_directory(disk_.path() / "data");
    std::filesystem::permissions(disk_.path() / "data", static_cast<std::filesystem::perms>(0711));
    server_ = std::make_unique<ServerProcess>(std::vector<std::string>{
        "--data-dir", disk_.path() / "data", "--disk-reserve", reserve, "--log-level", "warning"});
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
    stub_ = pb::JourneyRunSessionService::NewStub(
        grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), arguments));
    ASSERT_TRUE(Eventually([this] { return Create(1000) == StatusCode::OK; }, 60s)) << server_->log();
  }
  // Creates a record with that many incompressible bytes. Its id is kept if the server reports success.
  StatusCode Create(std::size_t bytes) {
    pb::CreateRequest request;
    request.mutable_target()->set_id(Uuid::MakeV7().ToString());
    request.mutable_target()->set_name("n");
    request.mutable_target()->set_journey_run_id("r");
    std::string& text = *request.mutable_target()->mutable_session();
    while (text.size() < bytes) text.push_back(static_cast<char>('0' + random_() % 75));
    pb::CreateResponse response;
    const auto status = Call([&](grpc::ClientContext& context) { return stub_->Create(&context, request, &response); });
    if (status.ok()) made_.push_back(response.id());
    return status.error_code();
  }
  StatusCode Retrieve(const std::string& id) {
    pb::RetrieveRequest request;
    request.mutable_target()->set_id(id);
    pb::RetrieveResponse response;
    return Call([&](grpc::ClientContext& context) { return stub_->Retrieve(&context, request, &response); })
        .error_code();
  }
  // The number of records in the feed.
  std::size_t Load() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 30s);
    pb::RetrieveEntityChangesRequest request;
    request.mutable_columns()->add_paths("name");
    const auto reader = stub_->RetrieveEntityChanges(&context, request);
    std::size_t count = 0;
    for (pb::RetrieveEntityChangesResponse response; reader->Read(&response);) {
      count += static_cast<std::size_t>(response.changes_size());
    }
    return reader->Finish().ok() ? count : 0;
  }
  static grpc::Status Call(const std::function<grpc::Status(grpc::ClientContext&)>& call) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 10s);
    return call(context);
  }

  const SmallDisk disk_{400};
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<pb::JourneyRunSessionService::Stub> stub_;
  std::vector<std::string> made_;
  std::mt19937_64 random_{7};
};

TEST_F(FullDiskTest, TheReserveKeepsReadsGoingAndWritesAreToldSo) {
  Start("60MiB");
  disk_.FillUpTo(45 * kMiB);
  ASSERT_TRUE(Eventually([this] { return Create(1000) == StatusCode::RESOURCE_EXHAUSTED; }, 60s));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Create(1000), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(Retrieve(made_.front()), StatusCode::OK);
  }
  EXPECT_EQ(Load(), made_.size());
  EXPECT_GE(disk_.Free(), 35 * kMiB) << "nothing eats the reserve";
  EXPECT_THAT(server_->log(), ::testing::HasSubstr("writes are refused"));
  disk_.Empty();
  EXPECT_TRUE(Eventually([this] { return Create(1000) == StatusCode::OK; }, 60s));
  EXPECT_EQ(Load(), made_.size());
}

// Without a reserve PostgreSQL itself reaches the end of its disk: tables cannot grow, or the write-ahead log cannot
// grow and PostgreSQL stops. In both cases no write is reported as done that was not, and the service recovers when
// there is space.
TEST_F(FullDiskTest, WithoutAReserveNothingAcknowledgedIsLostAndItComesBack) {
  Start("0");
  disk_.FillUpTo(12 * kMiB);
  std::map<StatusCode, int> codes;
  const auto begin = std::chrono::steady_clock::now();
  const auto lasted = [&] { return std::chrono::steady_clock::now() - begin; };
  const auto full = [&] { return codes.size() > (codes.contains(StatusCode::OK) ? 1 : 0); };
  while (lasted() < 6s || (!full() && lasted() < 90s)) ++codes[Create(300000)];
  int refused = 0;
  for (const auto& [code, count] : codes) {
    std::cout << "code " << code << ": " << count << " writes" << std::endl;
    EXPECT_THAT(code, ::testing::AnyOf(StatusCode::OK, StatusCode::RESOURCE_EXHAUSTED, StatusCode::UNKNOWN,
                                       StatusCode::UNAVAILABLE, StatusCode::DEADLINE_EXCEEDED));
    refused += code == StatusCode::OK ? 0 : count;
  }
  EXPECT_GT(refused, 0) << "the disk did not get full";
  std::cout << "reads while full: code " << Retrieve(made_.front()) << std::endl;
  disk_.Empty();
  EXPECT_TRUE(Eventually([this] { return Create(1000) == StatusCode::OK; }, 60s)) << server_->log();
  for (const std::string& id : made_) EXPECT_EQ(Retrieve(id), StatusCode::OK) << "acknowledged and lost: " << id;
  EXPECT_GE(Load(), made_.size());
}

}  // namespace
}  // namespace journeyfeed::testing
