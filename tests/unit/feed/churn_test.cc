// Consumers that come and go at any moment, as fast as they can, while changes are made: nothing of them stays. Meant for
// the sanitizers, with JOURNEYFEED_CHURN_CYCLES=10000.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
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

// Answers on a thread, as a store does.
class Answers {
 public:
  void Add(std::function<void()> answer) {
    {
      const std::scoped_lock lock(mutex_);
      if (!stopped_) return waiting_.push_back(std::move(answer));
    }
    answer();
  }
  // Gives all answers that wait. Later ones are given at once.
  void Stop() {
    thread_ = {};
    std::deque<std::function<void()>> rest;
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
      rest.swap(waiting_);
    }
    for (const auto& answer : rest) answer();
  }

 private:
  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::function<void()> answer;
      {
        const std::scoped_lock lock(mutex_);
        if (!waiting_.empty()) {
          answer = std::move(waiting_.front());
          waiting_.pop_front();
        }
      }
      answer ? answer() : std::this_thread::yield();
    }
  }

  std::mutex mutex_;
  std::deque<std::function<void()>> waiting_;
  bool stopped_ = false;
  std::jthread thread_{[this](const std::stop_token& stop) { Run(stop); }};
};

// What a consumer does before it goes. Changes are made meanwhile.
void Visit(StreamServer& server, Log& log, std::mt19937& random, std::string& token) {
  const auto& entity = dictionary::Describe(journeyrunsession::v1::JourneyRunSession::descriptor());
  const auto change = [&] { server.feed().OnCommit(entity, log.Append()); };
  StreamServer::Request request;
  request.set_follow(true);
  request.set_skip_initial_load(true);
  request.mutable_progress_interval()->set_nanos(100'000'000);
  if (random() % 2 == 0) request.set_partition_id("p" + std::to_string(random() % 4));
  if (!request.has_partition_id() && !token.empty()) request.set_data_version(token);
  grpc::ClientContext context;
  change();
  const auto stream = server.Open(context, request);
  change();
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
  Answers answers;
  StreamServer server({}, {.live = {.ring_bytes = 1 << 20}, .streams = {}});
  server.store.answer_by = [&log](const ChangePageRequest& call) { return log.Read(call); };
  server.store.deliver = [&answers](std::function<void()> answer) { answers.Add(std::move(answer)); };
  {
    std::vector<std::jthread> consumers;
    for (unsigned t = 0; t < kThreads; ++t) {
      consumers.emplace_back([&server, &log, t] {
        std::mt19937 random(t);
        std::string token;
        for (int i = 0; i < CyclesOfThread(); ++i) Visit(server, log, random, token);
      });
    }
  }
  const auto& limits = server.feed().limits();
  EXPECT_TRUE(Eventually([&] { return limits.streams() == 0 && limits.held_bytes() == 0; }, 20s))
      << limits.streams() << " streams hold " << limits.held_bytes() << " bytes";
  answers.Stop();
}

}  // namespace
}  // namespace journeyfeed::testing
