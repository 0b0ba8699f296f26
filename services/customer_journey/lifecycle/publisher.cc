#include "services/customer_journey/lifecycle/publisher.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <memory>
#include <vector>

#include "services/logging.h"
#include "storage/base/guarded.h"

namespace journeyfeed::customer_journey {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
namespace v1 = customerjourney::v1;

constexpr auto kFirstBackoff = 100ms;
// Commits of other journeys also wake the publisher: under constant load this limits how often it polls.
constexpr auto kShortestRest = 20ms;
// How long after its deadline a write is awaited: a statement that was sent is not given up at the deadline.
constexpr auto kTimeToAnswer = 60s;
// The most failed journeys that are remembered; beyond it all are forgotten and tried again.
constexpr std::size_t kMostTroubles = 10'000;
// A failed journey that was not claimed for this long after its retry time has changed, or another replica has it.
constexpr auto kForgetAfter = 1min;

struct Decided {
  const DueRecord* record;
  Step step;
};

StepOutcome OutcomeOf(const Result<WriteOutcome>& written) {
  if (!written) return StepOutcome::kFailed;
  // Any other verdict means that the journey changed after it was claimed.
  return written->rows.at(0).verdict == WriteVerdict::kUpdated ? StepOutcome::kDone : StepOutcome::kLost;
}

void LogFailedCheck(const RecordKey& key, const char* what) {
  Log(LogLevel::kError, "the check of a journey failed", {{"id", key.id.ToString()}, {"detail", what}});
}

// The results of the writes of a round. The store's callbacks share it, because they may come after the round gave up.
struct Answers {
  explicit Answers(std::size_t count) : open(count), outcomes(count, StepOutcome::kFailed) {}

  void NoteOutcome(std::size_t index, const Result<WriteOutcome>& written) {
    if (!written) Log(LogLevel::kWarning, "a step of a journey was not written", {{"detail", written.error().message}});
    const std::scoped_lock lock(mutex);
    outcomes[index] = OutcomeOf(written);
    if (--open == 0) answered.notify_one();
  }

  std::mutex mutex;
  std::condition_variable answered;
  std::size_t open;                   // guarded by mutex
  std::vector<StepOutcome> outcomes;  // guarded by mutex
};

// Writes all steps, which the store combines into few batches, and waits for the outcome of each. A write that is not
// answered in time counts as failed.
std::vector<StepOutcome> WriteAll(Store& store, const std::vector<Decided>& decided) {
  const auto answers = std::make_shared<Answers>(decided.size());
  auto patience = steady_clock::now();
  for (std::size_t i = 0; i < decided.size(); ++i) {
    const DueRecord& record = *decided[i].record;
    WriteRequest call = WriteOf(decided[i].step, record.key, record.version);
    patience = std::max(patience, call.deadline + kTimeToAnswer);
    store.Write(std::move(call),
                [answers, i](const Result<WriteOutcome>& written) { answers->NoteOutcome(i, written); });
  }
  std::unique_lock lock(answers->mutex);
  answers->answered.wait_until(lock, patience, [&] { return answers->open == 0; });
  return answers->outcomes;
}

}  // namespace

Publisher::Publisher(Store& store, DueWork& due, prometheus::Registry& registry, PublisherSettings settings)
    : store_(store),
      due_(due),
      settings_(std::move(settings)),
      metrics_(registry),
      backoff_(kFirstBackoff, settings_.longest_backoff) {}

void Publisher::Start() {
  thread_ = std::jthread([this](std::stop_token stop) { RunRounds(stop); });
}

void Publisher::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Publisher::OnCommit(const dictionary::Entity& entity, std::int64_t head) {
  if (entity.descriptor != customerjourney::v1::CustomerJourney::descriptor()) return;
  {
    const std::scoped_lock lock(mutex_);
    if (head <= head_) return;
    head_ = head;
    woken_ = true;
  }
  changed_.notify_one();
}

void Publisher::SetReady(bool ready) {
  {
    const std::scoped_lock lock(mutex_);
    ready_ = ready;
    restored_ = restored_ || ready;
    woken_ = true;
  }
  changed_.notify_one();
}

void Publisher::RunRounds(std::stop_token stop) {
  Round last = Round::kIdle;
  while (!stop.stop_requested()) {
    Rest(stop, last);
    if (stop.stop_requested()) return;
    const bool timers = steady_clock::now() >= timers_at_;
    if (!Guarded("publisher", [&] { last = Work(timers); })) {
      last = Round::kFailed;
      Guarded("publisher", [this] { due_.Release(); });  // what the round had claimed
    }
    if (last == Round::kFailed) {
      pause_ = backoff_.Next();
    } else {
      backoff_.Reset();
      if (timers && last == Round::kIdle) timers_at_ = steady_clock::now() + settings_.poll_interval;
    }
  }
}

void Publisher::Rest(std::stop_token stop, Round last) {
  std::unique_lock lock(mutex_);
  const auto never = [] { return false; };
  if (last == Round::kFailed) {
    // A database that becomes ready ends the pause.
    changed_.wait_for(lock, stop, pause_, [this] { return restored_; });
  } else if (last == Round::kIdle) {
    const auto began = steady_clock::now();
    changed_.wait_until(lock, stop, timers_at_, [this] { return woken_; });
    if (steady_clock::now() - began < kShortestRest) changed_.wait_until(lock, stop, began + kShortestRest, never);
  }
  changed_.wait(lock, stop, [this] { return ready_; });
  woken_ = restored_ = false;
}

Publisher::Round Publisher::Work(bool timers) {
  DueQuery query{
      .limit = settings_.batch, .timers = timers, .expire_after = settings_.expire_after, .troubled = Troubled()};
  if (settings_.clock) query.now = settings_.clock();
  const Result<DueBatch> batch = due_.Claim(query);
  if (!batch) {
    metrics_.CountFailedClaim();
    return Round::kFailed;
  }
  metrics_.SetWaiting(batch->waiting);
  if (batch->records.empty()) return Round::kIdle;

  std::vector<Decided> decided;
  bool first_try = false;
  for (const DueRecord& record : batch->records) {
    const bool troubled = IsTroubled(record);
    if (auto step = Decide(record, batch->now)) {
      decided.push_back({&record, *std::move(step)});
      first_try = first_try || !troubled;
    } else if (const auto found = troubles_.find(record.key);
               found != troubles_.end() && found->second.retry_at <= steady_clock::now()) {
      troubles_.erase(found);  // nothing is left to do
    }
  }
  const std::vector<StepOutcome> outcomes = WriteAll(store_, decided);
  due_.Release();
  for (std::size_t i = 0; i < decided.size(); ++i) {
    metrics_.CountStep(decided[i].step.to, outcomes[i]);
    if (outcomes[i] == StepOutcome::kFailed) {
      Defer(*decided[i].record);
    } else {
      troubles_.erase(decided[i].record->key);
    }
  }
  const auto failed = std::ranges::count(outcomes, StepOutcome::kFailed);
  if (failed < std::ssize(outcomes)) return Round::kWorked;
  // Journeys that failed before have their own retry time and do not slow the others down.
  return first_try ? Round::kFailed : Round::kIdle;
}

std::optional<Step> Publisher::Decide(const DueRecord& record, Timestamp now) {
  v1::CustomerJourney journey;
  journey.ParseFromString(record.record);
  try {
    return NextStep(journey, now, settings_.records);
  } catch (const std::exception& error) {  // from a plugged RecordStates, or out of memory
    LogFailedCheck(record.key, error.what());
  } catch (...) {
    LogFailedCheck(record.key, "not a std::exception");
  }
  metrics_.CountFailedCheck();
  Defer(record);
  return std::nullopt;
}

std::vector<DueTrouble> Publisher::Troubled() {
  const auto now = steady_clock::now();
  std::erase_if(troubles_, [now](const auto& trouble) { return trouble.second.retry_at + kForgetAfter < now; });
  std::vector<std::pair<steady_clock::time_point, DueTrouble>> by_time;
  for (const auto& [key, trouble] : troubles_) {
    by_time.emplace_back(trouble.retry_at,
                         DueTrouble{.key = key, .version = trouble.version, .due = trouble.retry_at <= now});
  }
  std::ranges::sort(by_time, {}, &std::pair<steady_clock::time_point, DueTrouble>::first);
  std::vector<DueTrouble> troubled;
  for (auto& [retry_at, trouble] : by_time) troubled.push_back(std::move(trouble));
  return troubled;
}

bool Publisher::IsTroubled(const DueRecord& record) const {
  const auto found = troubles_.find(record.key);
  return found != troubles_.end() && found->second.version == record.version;
}

// A journey that cannot be moved does not hold the others back.
void Publisher::Defer(const DueRecord& record) {
  if (troubles_.size() >= kMostTroubles) troubles_.clear();
  const Trouble first{.version = record.version, .backoff = Backoff(kFirstBackoff, settings_.longest_backoff)};
  Trouble& trouble = troubles_.try_emplace(record.key, first).first->second;
  if (trouble.version != record.version) trouble = first;
  trouble.retry_at = steady_clock::now() + trouble.backoff.Next();
}

}  // namespace journeyfeed::customer_journey
