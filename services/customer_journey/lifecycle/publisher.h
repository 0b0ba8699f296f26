// Publishes and stops journeys, stops journeys whose end has come, and expires journeys that were stopped long ago
// (docs/dataverse.md 6.3). Runs in every replica. One thread claims waiting journeys, decides each step, lets the store
// write it as an ordinary Update, and polls again. Commits wake it, and it polls at every poll interval. A step happens
// once, whichever process is killed at any time: it is written only for the version that it was decided on
// (docs/decisions/0010-lifecycle-claims.md).
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "services/customer_journey/lifecycle/lifecycle_metrics.h"
#include "services/customer_journey/lifecycle/step.h"
#include "storage/base/pause.h"
#include "storage/due_work.h"
#include "storage/store.h"

namespace journeyfeed::customer_journey {

struct PublisherSettings {
  std::chrono::milliseconds poll_interval = std::chrono::seconds(1);     // of timers, and of commits without notice
  std::chrono::milliseconds expire_after = std::chrono::hours(24 * 30);  // from the stop to Expired
  int batch = 256;                                                       // most journeys claimed at a time
  std::chrono::milliseconds longest_backoff = std::chrono::seconds(10);  // after failures
  const RecordStates* records = nullptr;                                 // must outlive the publisher; may be null
  std::function<Timestamp()> clock = {};                                 // empty: the database's clock
};

// OnCommit and SetReady are thread-safe. Start and Stop are called once each, from one thread.
class Publisher {
 public:
  // All arguments must outlive it.
  Publisher(Store& store, DueWork& due, prometheus::Registry& registry, PublisherSettings settings);
  ~Publisher() { Stop(); }

  void Start();
  // Waits for the step in flight. Call it before the store stops.
  void Stop();

  // The head of an entity's log moved, or may have (Store::CommitListener). Only journeys matter. Cheap.
  void OnCommit(const dictionary::Entity& entity, std::int64_t head);
  // The publisher does not poll while the store is not ready.
  void SetReady(bool ready);

 private:
  enum class Round { kIdle, kWorked, kFailed };
  struct Trouble {
    std::int64_t version = 0;
    Backoff backoff;
    std::chrono::steady_clock::time_point retry_at = {};
  };

  void RunRounds(std::stop_token stop);
  Round Work(bool timers);
  // Waits until there may be something to do.
  void Rest(std::stop_token stop, Round last);
  std::optional<Step> Decide(const DueRecord& record, Timestamp now);
  // The journeys whose last step failed, those that are due longest first. Forgets entries that were not claimed for
  // long.
  std::vector<DueTrouble> Troubled();
  bool IsTroubled(const DueRecord& record) const;
  void Defer(const DueRecord& record);

  Store& store_;
  DueWork& due_;
  const PublisherSettings settings_;
  LifecycleMetrics metrics_;

  // Used only by the thread.
  std::map<RecordKey, Trouble> troubles_;  // journeys whose step failed
  Backoff backoff_;                        // after rounds that failed
  std::chrono::milliseconds pause_{};
  std::chrono::steady_clock::time_point timers_at_;

  std::mutex mutex_;  // guards the following members
  std::condition_variable_any changed_;
  std::int64_t head_ = 0;  // newest known
  bool woken_ = false;
  bool ready_ = false;
  bool restored_ = false;  // became ready since the last rest

  std::jthread thread_;
};

}  // namespace journeyfeed::customer_journey
