// The write coalescer over an executor that the test holds and releases.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <set>
#include <utility>

#include "storage/coalescer/write_coalescer.h"
#include "tests/support/eventually.h"

namespace journeyfeed {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::IsEmpty;

const dictionary::Entity& Session() { return *dictionary::AllEntities().at(0); }
const dictionary::Entity& Journey() { return *dictionary::AllEntities().at(1); }

Uuid Id(int number) { return Uuid::FromName(std::to_string(number)); }

WriteRequest CallOf(std::vector<int> keys, std::size_t bytes = 0, const dictionary::Entity& entity = Session()) {
  WriteRequest call;
  call.entity = &entity;
  for (const int key : keys) {
    WriteRow row;
    row.message = pb::MESSAGE_NAME_UPDATE;
    row.key = {.id = Id(key)};
    if (bytes > 0) row.values.emplace_back(std::string(bytes, 'x'));
    call.rows.push_back(std::move(row));
  }
  return call;
}

WriteRequest WithRequest(WriteRequest call, int request) {
  call.request_id = Id(1000000 + request);
  return call;
}

// Records batches by the first key number of each call. A batch runs when the gate is open.
class Executor {
 public:
  std::vector<Result<WriteOutcome>> operator()(int worker, const dictionary::Entity& entity,
                                               const std::vector<const WriteRequest*>& calls,
                                               std::vector<CallFate>& fates) {
    {
      const std::scoped_lock lock(mutex_);
      std::set<RecordKey> keys;
      std::set<Uuid> requests;
      std::size_t rows = 0;
      for (const WriteRequest* call : calls) {
        EXPECT_EQ(call->entity, &entity);
        EXPECT_TRUE(!call->request_id || requests.insert(*call->request_id).second)
            << "a request id twice in one batch";
        for (const WriteRow& row : call->rows) EXPECT_TRUE(keys.insert(row.key).second) << "a key twice in one batch";
        rows += call->rows.size();
      }
      EXPECT_TRUE(workers_.insert(worker).second) << "two batches on one worker";
      used_.insert(worker);
      batches_.push_back(calls.size());
      rows_.push_back(rows);
      most_at_once_ = std::max(most_at_once_, workers_.size());
      for (const WriteRequest* call : calls) order_.push_back(call->fingerprint);
    }
    ++started_;
    while (!open_) open_.wait(false);
    const std::scoped_lock lock(mutex_);
    workers_.erase(worker);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      for (const WriteRow& row : calls[i]->rows) {
        if (locked_ && row.key == *locked_) fates[i] = CallFate::kBlocked;
      }
    }
    if (fates.size() > 1 && locked_)
      fates.back() = untried_once_ ? fates.back() : CallFate::kUntried, untried_once_ = true;
    std::vector<Result<WriteOutcome>> results;
    for (const WriteRequest* call : calls)
      results.push_back(WriteOutcome{.rows = {}, .point = {.bytes = std::to_string(call->fingerprint)}});
    return results;
  }

  void Open() {
    open_ = true;
    open_.notify_all();
  }
  // The key that a foreign transaction locks; nothing: none.
  void Lock(std::optional<RecordKey> key) {
    const std::scoped_lock lock(mutex_);
    locked_ = std::move(key);
  }
  std::set<int> used_workers() { return Locked(used_); }
  int started() const { return started_; }
  std::vector<std::size_t> batches() { return Locked(batches_); }
  std::vector<std::size_t> rows() { return Locked(rows_); }
  std::vector<std::int64_t> order() { return Locked(order_); }
  std::size_t most_at_once() { return Locked(most_at_once_); }

 private:
  template <typename T>
  T Locked(const T& value) {
    const std::scoped_lock lock(mutex_);
    return value;
  }
  std::atomic<bool> open_ = false;
  std::atomic<int> started_ = 0;
  std::mutex mutex_;
  std::set<int> workers_, used_;
  std::optional<RecordKey> locked_;
  bool untried_once_ = false;
  std::vector<std::size_t> batches_, rows_;
  std::vector<std::int64_t> order_;
  std::size_t most_at_once_ = 0;
};

using Calls = std::vector<const WriteRequest*>;
using Fates = std::vector<CallFate>;

std::vector<Result<WriteOutcome>> Done(const Calls& calls) {
  return std::vector<Result<WriteOutcome>>(calls.size(), WriteOutcome{});
}

void Release(std::atomic<bool>& gate) {
  gate = true;
  gate.notify_all();
}

// Answers by call, in the order of submission.
class Answers {
 public:
  WriteCoalescer::Callback Next() {
    return [this, promise = MakePromise()](Result<WriteOutcome> outcome) { promise->set_value(std::move(outcome)); };
  }
  Result<WriteOutcome> At(std::size_t index) {
    if (futures_.at(index).wait_for(10s) != std::future_status::ready) throw std::runtime_error("no answer");
    return futures_[index].get();
  }
  bool Ready(std::size_t index) const { return futures_.at(index).wait_for(0s) == std::future_status::ready; }
  std::size_t size() const { return futures_.size(); }

 private:
  std::shared_ptr<std::promise<Result<WriteOutcome>>> MakePromise() {
    auto promise = std::make_shared<std::promise<Result<WriteOutcome>>>();
    futures_.push_back(promise->get_future());
    return promise;
  }
  std::vector<std::future<Result<WriteOutcome>>> futures_;
};

class CoalescerTest : public ::testing::Test {
 protected:
  void Make(CoalescerLimits limits) {
    coalescer_ = std::make_unique<WriteCoalescer>(
        limits, [this](int worker, const dictionary::Entity& entity, const std::vector<const WriteRequest*>& calls,
                       std::vector<CallFate>& fates) { return executor_(worker, entity, calls, fates); });
  }
  void Submit(WriteRequest call) {
    call.fingerprint = static_cast<std::int64_t>(answers_.size());
    coalescer_->Submit(std::move(call), answers_.Next());
  }
  // One batch is in flight and held, so that later calls collect.
  void Occupy(WriteRequest call = CallOf({-1})) {
    Submit(std::move(call));
    const int before = executor_.started();
    ASSERT_TRUE(Eventually([&] { return executor_.started() > before || executor_.started() > 0; }));
  }
  void TearDown() override {
    executor_.Open();
    coalescer_.reset();
  }

  Executor executor_;
  Answers answers_;
  std::unique_ptr<WriteCoalescer> coalescer_;
};

TEST_F(CoalescerTest, WhatComesWhileABatchIsUnderWayIsOneBatch) {
  Make({.workers = 1});
  Occupy();
  for (int i = 0; i < 20; ++i) Submit(CallOf({i}));
  executor_.Open();
  for (std::size_t i = 0; i < answers_.size(); ++i) EXPECT_EQ(answers_.At(i)->point.bytes, std::to_string(i));
  EXPECT_THAT(executor_.batches(), ElementsAre(1, 20));
}

TEST_F(CoalescerTest, AKeyIsOncePerBatchAndItsCallsStayInOrder) {
  Make({.workers = 1});
  Occupy();
  for (const std::vector<int>& keys : std::vector<std::vector<int>>{{1}, {2, 3}, {3, 4}, {4}, {1}, {5}})
    Submit(CallOf(keys));
  executor_.Open();
  for (std::size_t i = 0; i < answers_.size(); ++i) EXPECT_TRUE(answers_.At(i));
  // Call 4 {4} shares a key with call 3 {3, 4}, which waits; so it waits too.
  EXPECT_THAT(executor_.order(), ElementsAre(0, 1, 2, 6, 3, 5, 4));
  EXPECT_THAT(executor_.batches(), ElementsAre(1, 3, 2, 1));
}

TEST_F(CoalescerTest, ARequestIdIsOncePerBatch) {
  Make({.workers = 1});
  Occupy();
  Submit(WithRequest(CallOf({1}), 7));
  Submit(WithRequest(CallOf({2}), 7));
  Submit(WithRequest(CallOf({3}), 8));
  executor_.Open();
  for (std::size_t i = 0; i < answers_.size(); ++i) EXPECT_TRUE(answers_.At(i));
  EXPECT_THAT(executor_.batches(), ElementsAre(1, 2, 1));
}

TEST_F(CoalescerTest, TheSameIdInTwoPartitionsAreTwoKeys) {
  Make({.workers = 1});
  Occupy();
  WriteRequest a = CallOf({1}), b = CallOf({1});
  a.rows[0].key.partition_id = "p";
  b.rows[0].key.partition_id = "q";
  Submit(std::move(a));
  Submit(std::move(b));
  executor_.Open();
  EXPECT_TRUE(answers_.At(2));
  EXPECT_THAT(executor_.batches(), ElementsAre(1, 2));
}

// It is unknown whether an exception came before or after the batch was sent.
TEST_F(CoalescerTest, AnExceptionIsTheAnswerOfItsBatchAndOfNoOther) {
  bool thrown = false;
  WriteCoalescer coalescer({.workers = 1}, [&](int, const dictionary::Entity&, const Calls& calls, Fates& fates) {
    fates.assign(calls.size(), CallFate::kBlocked);  // a fate that was set before the exception does not count
    if (!std::exchange(thrown, true)) throw std::runtime_error("a test");
    fates.assign(calls.size(), CallFate::kAnswered);
    return Done(calls);
  });
  coalescer.Submit(CallOf({1}), answers_.Next());
  EXPECT_EQ(answers_.At(0).error().reason, pb::ERROR_REASON_WRITE_OUTCOME_UNKNOWN);
  coalescer.Submit(CallOf({2}), answers_.Next());
  EXPECT_TRUE(answers_.At(1));
}

TEST_F(CoalescerTest, ACallerThatThrowsDoesNotKeepTheOthersFromTheirAnswers) {
  Make({.workers = 1});
  Occupy();
  coalescer_->Submit(CallOf({1}), [](const Result<WriteOutcome>&) { throw std::runtime_error("a test"); });
  Submit(CallOf({2}));
  executor_.Open();
  EXPECT_TRUE(answers_.At(1));
}

TEST_F(CoalescerTest, AnExceptionInTheLaneOfTheBlockedIsAnsweredThereToo) {
  std::atomic<int> alone = 0;
  WriteCoalescer coalescer({.workers = 1},
                           [&](int worker, const dictionary::Entity&, const Calls& calls, Fates& fates) {
                             if (worker == 0) fates.assign(calls.size(), CallFate::kBlocked);
                             if (worker == 1 && ++alone == 1) throw 1;
                             return Done(calls);
                           });
  coalescer.Submit(CallOf({1}), answers_.Next());
  EXPECT_EQ(answers_.At(0).error().reason, pb::ERROR_REASON_WRITE_OUTCOME_UNKNOWN);
  coalescer.Submit(CallOf({1}), [](const Result<WriteOutcome>&) { throw std::runtime_error("a test"); });
  coalescer.Submit(CallOf({2}), answers_.Next());
  EXPECT_TRUE(answers_.At(1));
  EXPECT_EQ(alone, 3);
}

// Calls of both sizes were queued before their key was known to be locked.
TEST_F(CoalescerTest, TheLaneOfTheBlockedIsBoundedAlsoForCallsThatComeFromOtherLanes) {
  constexpr int kRoom = 3;
  std::atomic<bool> batches = false, lane = false;
  std::atomic<int> refused = 0, done = 0;
  std::atomic<bool> started = false;
  WriteCoalescer coalescer({.workers = 1, .large_call_bytes = 1000, .queue_calls = kRoom},
                           [&](int worker, const dictionary::Entity&, const Calls& calls, Fates& fates) {
                             started = true;
                             (worker == 0 ? batches : lane).wait(false);
                             if (worker == 0) fates.assign(calls.size(), CallFate::kBlocked);
                             return Done(calls);
                           });
  const auto count = [&](const Result<WriteOutcome>& outcome) {
    if (!outcome) {
      EXPECT_EQ(outcome.error().reason, pb::ERROR_REASON_OVERLOADED);
    }
    ++(outcome ? done : refused);
  };
  coalescer.Submit(CallOf({1}), count);
  EXPECT_TRUE(Eventually([&] { return started.load(); }));
  for (int i = 0; i < kRoom; ++i) {
    coalescer.Submit(CallOf({1}), count);
    coalescer.Submit(CallOf({1}, 2000), count);
  }
  EXPECT_EQ(refused, 0);
  Release(batches);
  // In the end one call is in flight. Whether it left the lane before the others arrived is unknown.
  EXPECT_TRUE(Eventually([&] { return refused >= kRoom; })) << refused;
  Release(lane);
  EXPECT_TRUE(Eventually([&] { return refused + done == 2 * kRoom + 1; })) << refused << " and " << done;
  EXPECT_LE(refused, kRoom + 1);
}

TEST_F(CoalescerTest, ABlockedCallForWhichItsLaneHasNoRoomIsToldWhatIsInItsWay) {
  std::atomic<bool> lane = false, alone = false;
  std::atomic<int> batches = 0;
  WriteCoalescer coalescer({.workers = 1, .queue_calls = 1},
                           [&](int worker, const dictionary::Entity&, const Calls& calls,
                               Fates& fates) -> std::vector<Result<WriteOutcome>> {
                             if (worker == 0) {
                               ++batches;
                               fates.assign(calls.size(), CallFate::kBlocked);
                               return {std::unexpected(Unavailable("locked"))};
                             }
                             alone = true;
                             lane.wait(false);
                             return Done(calls);
                           });
  coalescer.Submit(CallOf({1}), answers_.Next());
  EXPECT_TRUE(Eventually([&] { return alone.load(); }));
  coalescer.Submit(CallOf({2}), answers_.Next());
  EXPECT_TRUE(Eventually([&] { return batches == 2; }));
  coalescer.Submit(CallOf({3}), answers_.Next());
  const auto refused = answers_.At(2);
  EXPECT_EQ(refused ? "done" : refused.error().message, "locked");
  Release(lane);
  EXPECT_TRUE(answers_.At(0));
  EXPECT_TRUE(answers_.At(1));
}

TEST_F(CoalescerTest, ABatchIsBoundedInRowsAndBytesButTakesOneCallOfAnySize) {
  Make({.workers = 1, .batch_rows = 10, .batch_bytes = 5000, .large_call_bytes = 100000});
  Occupy();
  Submit(CallOf({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  for (int i = 20; i < 32; ++i) Submit(CallOf({i}));
  for (int i = 40; i < 44; ++i) Submit(CallOf({i}, 1800));
  Submit(CallOf({50}, 9000));
  executor_.Open();
  for (std::size_t i = 0; i < answers_.size(); ++i) EXPECT_TRUE(answers_.At(i));
  EXPECT_THAT(executor_.rows(), ElementsAre(1, 12, 10, 4, 2, 1));
}

TEST_F(CoalescerTest, LargeCallsGoApartOneBatchAtATimeAndDoNotHoldUpSmallOnes) {
  Make({.workers = 2, .large_call_bytes = 1000});
  Submit(CallOf({1}, 2000));
  ASSERT_TRUE(Eventually([&] { return executor_.started() == 1; }));
  Submit(CallOf({2}, 2000));
  Submit(CallOf({3}));
  ASSERT_TRUE(Eventually([&] { return executor_.started() == 2; }));
  EXPECT_THAT(executor_.order(), ElementsAre(0, 2));  // the second large one waits although a worker is free
  executor_.Open();
  for (std::size_t i = 0; i < answers_.size(); ++i) EXPECT_TRUE(answers_.At(i));
  EXPECT_THAT(executor_.order(), ElementsAre(0, 2, 1));
}

TEST_F(CoalescerTest, EntitiesDoNotShareBatches) {
  Make({.workers = 1});
  Occupy();
  Submit(CallOf({1}));
  Submit(CallOf({1}, 0, Journey()));
  Submit(CallOf({2}));
  executor_.Open();
  for (std::size_t i = 0; i < answers_.size(); ++i) EXPECT_TRUE(answers_.At(i));
  EXPECT_THAT(executor_.batches(), ElementsAre(1, 1, 2));
}

TEST_F(CoalescerTest, ACallWhoseDeadlinePassesWhileItWaitsIsNotExecuted) {
  Make({.workers = 1});
  Occupy();
  WriteRequest late = CallOf({1});
  late.deadline = std::chrono::steady_clock::now() + 1ms;
  Submit(std::move(late));
  Submit(CallOf({2}));
  const auto passed = std::chrono::steady_clock::now() + 2ms;
  ASSERT_TRUE(Eventually([&] { return std::chrono::steady_clock::now() > passed; }));
  executor_.Open();
  EXPECT_EQ(answers_.At(1).error().reason, pb::ERROR_REASON_DEADLINE_EXCEEDED);
  EXPECT_TRUE(answers_.At(2));
  EXPECT_THAT(executor_.order(), ElementsAre(0, 2));
}

TEST_F(CoalescerTest, TheQueueIsBoundedInCallsAndBytes) {
  Make({.workers = 1, .queue_calls = 3, .queue_bytes = 10000});
  Occupy();
  for (int i = 0; i < 4; ++i) Submit(CallOf({i}));
  ASSERT_TRUE(answers_.Ready(4));  // at once
  const auto refused = answers_.At(4);
  EXPECT_EQ(refused.error().reason, pb::ERROR_REASON_OVERLOADED);
  EXPECT_TRUE(refused.error().retry_after);
  executor_.Open();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(answers_.At(i));
}

TEST_F(CoalescerTest, TheBytesOfWaitingCallsAreGivenBack) {
  Make({.workers = 1, .queue_bytes = 5000});
  executor_.Open();
  for (int i = 0; i < 50; ++i) {
    Submit(CallOf({i}, 3000));
    EXPECT_TRUE(answers_.At(static_cast<std::size_t>(i)));
  }
}

TEST_F(CoalescerTest, TheEndAnswersEveryone) {
  Make({.workers = 2});
  Submit(CallOf({1}));
  ASSERT_TRUE(Eventually([&] { return executor_.started() == 1; }));
  for (int i = 0; i < 100; ++i) Submit(CallOf({1}));  // all have the same key: at most one more batch starts
  std::jthread opener([&] { executor_.Open(); });
  coalescer_.reset();
  int executed = 0, refused = 0;
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    ASSERT_TRUE(answers_.Ready(i)) << i;
    const auto answer = answers_.At(i);
    ++(answer ? executed : refused);
    EXPECT_TRUE(answer || answer.error().reason == pb::ERROR_REASON_SERVICE_UNAVAILABLE);
  }
  EXPECT_EQ(executed + refused, 101);
  EXPECT_GE(executed, 1);
}

// Other calls of its batch are answered, untried calls are retried, and later calls for the key join no batch.
TEST_F(CoalescerTest, ABlockedCallWaitsAloneAndStrangersAreNotDelayed) {
  Make({.workers = 1});
  Occupy();
  executor_.Lock(RecordKey{.id = Id(1)});
  for (int i = 1; i < 6; ++i) Submit(CallOf({i}));
  executor_.Open();
  for (std::size_t i = 0; i < answers_.size(); ++i) EXPECT_TRUE(answers_.At(i)) << i;
  Submit(CallOf({1}));
  EXPECT_TRUE(answers_.At(6));
  // The call that is executed alone may come before or after the untried one.
  EXPECT_EQ(executor_.batches().size(), 5U);
  EXPECT_THAT(executor_.batches(), ElementsAre(1, 5, 1, 1, 1));
  EXPECT_TRUE(executor_.used_workers().contains(1)) << "the lane of the blocked has a worker of its own";
}

TEST_F(CoalescerTest, ManyThreadsManyKeys) {
  Make({.workers = 3, .batch_rows = 16});
  executor_.Open();
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 500; ++i) {
          WriteRequest call = CallOf({i % 7, 10 + (i * 31 + t) % 50}, i % 100 == 0 ? 70000 : 0);
          if (i % 5 == 0) call = WithRequest(std::move(call), i % 20);
          coalescer_->Submit(std::move(call),
                             [&](const Result<WriteOutcome>& outcome) { answered += outcome ? 1 : 0; });
        }
      });
    }
  }
  EXPECT_TRUE(Eventually([&] { return answered == 2000; }, 60s));
  EXPECT_LE(executor_.most_at_once(), 3U);
}

}  // namespace
}  // namespace journeyfeed
