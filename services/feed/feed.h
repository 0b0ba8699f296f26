// Decides who wakes the change streams of all entities: commits, the clock, and the drain. Each stream reads its own
// pages. Another way (shared pages, a ring) would change only this folder.
#pragma once

#include <prometheus/registry.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "services/call/stream_lifetime.h"
#include "services/feed/feed_metrics.h"
#include "storage/base/worker.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::feed {

class ChangeStream;

// Thread-safe. It must outlive its streams, and whatever calls OnCommit.
class Feed {
 public:
  // `lifetime`: its drain wakes all streams, which then end. `registry` is for FeedMetrics, which says what null means.
  explicit Feed(const call::StreamLifetime& lifetime, std::shared_ptr<prometheus::Registry> registry = nullptr);

  FeedMetrics& metrics() { return metrics_; }

  // The head of an entity's log moved, or may have moved (Store::CommitListener). Returns before streams are woken: the
  // waker does that, once for all commits that came meanwhile, so that the thread that committed goes on.
  void OnCommit(const dictionary::Entity& entity, std::int64_t head);

  // For streams only.
  void Add(const std::shared_ptr<ChangeStream>& stream);
  void Remove(const ChangeStream* stream);
  // The newest head that is known; 0 if none is.
  std::int64_t Head(const dictionary::Entity& entity) const;

 private:
  Worker::Clock::time_point WakeChanged();
  Worker::Clock::time_point Tick();
  void WakeAll();
  std::vector<std::shared_ptr<ChangeStream>> Streams();

  FeedMetrics metrics_;

  mutable std::mutex mutex_;  // guards the following members; never held while a stream runs
  std::unordered_map<const ChangeStream*, std::weak_ptr<ChangeStream>> streams_;
  std::map<std::int16_t, std::int64_t> heads_;  // newest known, by entity
  std::set<std::int16_t> changed_;              // entities whose streams were not woken since their head moved

  // Last: they use everything above. Their destructors wait for what they run.
  Worker waker_;                                        // wakes streams after commits
  Worker ticker_;                                       // progress, lifetime, retries
  std::stop_callback<std::function<void()>> on_drain_;  // on the thread that drains
};

}  // namespace journeyfeed::feed
