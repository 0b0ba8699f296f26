// Requests of many megabytes: their size limits, and their cost for others.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/calls.h"

namespace journeyfeed::testing {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

journeys::CreateMultipleRequest ManyOf(int count, std::size_t bytes) {
  journeys::CreateMultipleRequest request;
  for (int i = 0; i < count; ++i) {
    auto& target = *request.add_targets();
    target.set_name("large");
    target.set_workflow_definition(std::string(bytes, 'x'));
  }
  return request;
}

auto Create(JourneyClient& client, const journeys::CreateMultipleRequest& request) {
  return client.Send(&journeys::CustomerJourneyService::Stub::CreateMultiple, request);
}

// gRPC's limit must follow ours: its default would refuse these requests.
TEST(LargeRequests, TheSettingRaisesTheLimit) {
  TestServer server(TheService().postgres.CreateDatabase("large_requests"), {"--max-message-bytes", "24MiB"});
  JourneyClient client(server.channel());
  const auto accepted = Create(client, ManyOf(20, kMiB));
  EXPECT_TRUE(accepted.ok()) << accepted.ending;
  EXPECT_EQ(accepted->results_size(), 20);
  const auto refused = Create(client, ManyOf(24, kMiB));
  EXPECT_EQ(refused.ending.reason, "REQUEST_LENGTH_TOO_LARGE") << refused.ending;
  EXPECT_EQ(refused.ending.metadata.at("max_bytes"), std::to_string(24 * kMiB));
}

// Kibibytes of a line of /proc/PID/status.
std::int64_t Memory(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1));
  }
  return 0;
}

std::string Field(int number, const std::string& bytes) {
  std::string field;
  field.push_back(static_cast<char>(number << 3 | 2));
  for (std::size_t size = bytes.size();; size >>= 7) {
    field.push_back(static_cast<char>((size & 127) | (size > 127 ? 128 : 0)));
    if (size <= 127) break;
  }
  return field + bytes;
}

// As many rows, paths and fields as the counts allow, and the remaining bytes in one piece.
std::string Costly(int rows, int paths) {
  std::string mask;
  for (int i = 0; i < paths; ++i) mask += Field(1, "a");
  const std::string row = Field(1, Field(1, "") + (paths > 0 ? Field(2, mask) : ""));
  std::string request;
  for (int i = 0; i < rows; ++i) request += row;
  return request + Field(15, std::string(15 * kMiB - request.size(), 'x'));
}

TEST(LargeRequests, CostAtMostFourTimesTheLimit) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need memory of their own";
#endif
  TestServer server(TheService().postgres.CreateDatabase("costly_requests"));
  const pid_t pid = server.process().pid();
  const std::string path = "/journeyfeed.customerjourney.v1.CustomerJourneyService/UpdateMultiple";
  for (const std::string& request : {Costly(9'999, 0), Costly(1'000, 120), Costly(1, 9'999)}) {
    std::ofstream("/proc/" + std::to_string(pid) + "/clear_refs") << 5;  // the peak counts from here
    const std::int64_t before = Memory(pid, "VmHWM");
    const RawAnswer answer = CallRaw(server.channel(), path, request);
    EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT) << answer.ending;
    EXPECT_LT(Memory(pid, "VmHWM") - before, 64 * 1024);
  }
}

}  // namespace
}  // namespace journeyfeed::testing
