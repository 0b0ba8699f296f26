// Decides how the change streams of all entities are served. Each stream reads its own pages, and commits wake it.
// Another way (shared pages, a ring) would change only this folder.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <unordered_map>
#include <vector>

#include "services/feed/feed_metrics.h"
#include "services/feed/token.h"
#include "storage/base/worker.h"
#include "storage/store.h"

namespace journeyfeed::feed {

class ChangeStream;

struct FeedSettings {
  std::chrono::milliseconds stream_lifetime = std::chrono::minutes(30);  // mean; varied by up to a fifth
  std::chrono::milliseconds drain_spread = std::chrono::seconds(5);      // over which drained consumers reconnect
  std::shared_ptr<prometheus::Registry> registry = nullptr;              // for FeedMetrics
};

// Thread-safe. The store must outlive it; it must outlive its streams.
class Feed {
 public:
  Feed(Store& store, FeedSettings settings);

  Store& store() { return store_; }
  const TokenCodec& tokens() const { return tokens_; }
  FeedMetrics& metrics() { return metrics_; }

  // The head of an entity's log moved, or may have moved (Store::CommitListener). Returns before streams are woken: the
  // waker does that, once for all commits that came meanwhile, so that the thread that committed goes on.
  void OnCommit(const dictionary::Entity& entity, std::int64_t head);

  // Ends every stream with its token, and later ones as soon as they begin.
  void Drain();

  // Runs `task` on the ticker's thread after `time`, at most one tick late. It must not block. Destroying the feed
  // drops the tasks that are left.
  void RunLater(std::chrono::milliseconds time, std::function<void()> task);

  // For streams only.
  void Add(const std::shared_ptr<ChangeStream>& stream);
  void Remove(const ChangeStream* stream);
  std::int64_t Head(const dictionary::Entity& entity) const;
  bool draining() const;
  std::chrono::milliseconds Lifetime();
  // A random time within the drain spread.
  std::chrono::milliseconds ReconnectAfter();

 private:
  Worker::Clock::time_point WakeStreams();
  Worker::Clock::time_point Tick();
  void RunDue(std::chrono::steady_clock::time_point now);
  std::vector<std::shared_ptr<ChangeStream>> Streams();

  Store& store_;
  const FeedSettings settings_;
  const TokenCodec tokens_;
  FeedMetrics metrics_;

  mutable std::mutex mutex_;  // guards the following members; never held while a stream runs
  std::unordered_map<const ChangeStream*, std::weak_ptr<ChangeStream>> streams_;
  std::map<std::int16_t, std::int64_t> heads_;  // newest known, by entity
  std::set<std::int16_t> changed_;              // entities whose streams were not woken since their head moved
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> later_;
  std::mt19937_64 random_{std::random_device{}()};
  bool draining_ = false;

  // Last: they use everything above.
  Worker waker_;   // wakes streams after commits
  Worker ticker_;  // progress, lifetime, retries, RunLater
};

}  // namespace journeyfeed::feed
