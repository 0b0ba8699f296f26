// Decides how the change streams of all entities are served: today each stream reads its own pages and is woken by
// commits. Whoever changes that (shared pages, a ring) changes this folder and nothing else.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <unordered_map>
#include <vector>

#include "services/feed/feed_metrics.h"
#include "services/feed/token.h"
#include "storage/base/worker.h"
#include "storage/store.h"

namespace journeyfeed::feed {

class ChangeStream;

struct FeedSettings {
  std::chrono::milliseconds stream_lifetime = std::chrono::minutes(30);  // mean; varied by a fifth
  std::chrono::milliseconds drain_spread = std::chrono::seconds(5);      // over which drained consumers reconnect
  std::shared_ptr<prometheus::Registry> registry = nullptr;              // of FeedMetrics
};

// Thread-safe. The store outlives it; it outlives its streams.
class Feed {
 public:
  Feed(Store& store, FeedSettings settings);

  Store& store() { return store_; }
  const TokenCodec& tokens() const { return tokens_; }
  FeedMetrics& metrics() { return metrics_; }

  // The head of an entity's log moved, or may have (Store::CommitListener).
  void OnCommit(const dictionary::Entity& entity, std::int64_t head);

  // Ends every stream with its token, and those that begin later at once.
  void Drain();

  // Runs `task` on the ticker's thread when the time has passed, late by a tick at most; it must not block. Tasks that
  // are left when the feed goes are dropped.
  void RunLater(std::chrono::milliseconds time, std::function<void()> task);

  // For streams only.
  void Add(const std::shared_ptr<ChangeStream>& stream);
  void Remove(const ChangeStream* stream);
  std::int64_t Head(const dictionary::Entity& entity) const;
  bool draining() const;
  std::chrono::milliseconds Lifetime();
  // A time within the spread.
  std::chrono::milliseconds ReconnectAfter();

 private:
  Worker::Clock::time_point Tick();
  void RunDue(std::chrono::steady_clock::time_point now);
  std::vector<std::shared_ptr<ChangeStream>> Streams();

  Store& store_;
  const FeedSettings settings_;
  const TokenCodec tokens_;
  FeedMetrics metrics_;

  mutable std::mutex mutex_;  // guards what follows; never held while a stream runs
  std::unordered_map<const ChangeStream*, std::weak_ptr<ChangeStream>> streams_;
  std::map<std::int16_t, std::int64_t> heads_;  // newest known, by entity
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> later_;
  std::mt19937_64 random_{std::random_device{}()};
  bool draining_ = false;

  Worker ticker_;  // progress, lifetime, retries, RunLater; last: it uses everything above
};

}  // namespace journeyfeed::feed
