// Consumers that come and go at any moment, as fast as they can, while changes are made: nothing of them stays. Meant for
// the sanitizers, with JOURNEYFEED_CHURN_CYCLES=10000.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "storage/wire.h"
#include "tests/support/eventually.h"
#include "tests/unit/feed/scripted_store.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kThreads = 8;
constexpr std::int64_t kMostInPage = 20;

// A log of one change in a call, without a database.
class Log {
 public:
  Result<ChangePage> Read(const ChangePageRequest& call) const {
    const std::int64_t head = head_;
    const auto after = call.after ? postgres::DecodePosition(*call.after) : postgres::Position{.seq = head};
    const std::int64_t end = std::min(head, after->seq + kMostInPage);
    ChangePage page;
    page.next = EndOf(end, head);
    page.head = head;
    page.call_end = true;
    for (std::int64_t seq = after->seq + 1; seq <= end; ++seq) {
      Change& change = page.changes.emplace_back();
      change.key = {.id = Uuid::FromName(std::to_string(seq)), .partition_id = "p" + std::to_string(seq % 4)};
      change.seq = change.version = seq;
      change.call_end = true;
      wire::AppendBytes(change.record, 1000, std::string(seq % 50 == 0 ? 300'000 : 300, 'x'));
    }
    return page;
  }
  std::int64_t Append() { return ++head_; }

 private:
  std::atomic<std::int64_t> head_ = 100;
};

// What a consumer does before it goes.
void Visit(StreamServer& server, std::mt19937& random, std::string& token) {
  StreamServer::Request request;
  request.set_follow(true);
  request.set_skip_initial_load(true);
  request.mutable_progress_interval()->set_nanos(100'000'000);
  if (random() % 2 == 0) request.set_partition_id("p" + std::to_string(random() % 4));
  if (!request.has_partition_id() && !token.empty()) request.set_data_version(token);
  grpc::ClientContext context;
  const auto stream = server.Open(context, request);
  StreamServer::Response message;
  const auto reads = random() % 4;
  for (unsigned i = 0; i < reads && stream->Read(&message); ++i) {
    if (!request.has_partition_id()) token = message.data_token();
  }
  context.TryCancel();
  if (random() % 2 == 0) stream->Finish();  // else the call is dropped while it is being cancelled
}

int CyclesOfThread() {
  const char* given = std::getenv("JOURNEYFEED_CHURN_CYCLES");
  return (given ? std::atoi(given) : 2000) / kThreads;
}

TEST(ChurnTest, NothingStaysOfConsumersThatComeAndGo) {
  Log log;
  StreamServer server({}, {.live = {.ring_bytes = 1 << 20}, .streams = {}});
  server.store.answer_by = [&log](const ChangePageRequest& call) { return log.Read(call); };
  const auto& entity = dictionary::Describe(journeyrunsession::v1::JourneyRunSession::descriptor());
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      server.feed().OnCommit(entity, log.Append());
      std::this_thread::yield();
    }
  });
  {
    std::vector<std::jthread> consumers;
    for (unsigned t = 0; t < kThreads; ++t) {
      consumers.emplace_back([&server, t] {
        std::mt19937 random(t);
        std::string token;
        for (int i = 0; i < CyclesOfThread(); ++i) Visit(server, random, token);
      });
    }
  }
  const auto& limits = server.feed().limits();
  EXPECT_TRUE(Eventually([&] { return limits.streams() == 0 && limits.held_bytes() == 0; }, 20s))
      << limits.streams() << " streams hold " << limits.held_bytes() << " bytes";
}

}  // namespace
}  // namespace journeyfeed::testing
