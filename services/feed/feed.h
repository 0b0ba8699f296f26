// Decides who wakes the change streams of all entities: commits, channels (live_channel.h) and the drain. The clock
// wakes a stream by its own timer.
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
#include "services/feed/live_channel.h"
#include "services/feed/stream_limits.h"
#include "storage/base/worker.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::feed {

class ChangeStream;

struct FeedSettings {
  LiveSettings live;
  StreamLimitSettings streams;
};

// Thread-safe. It must outlive its streams, and whatever calls OnCommit.
class Feed {
 public:
  // `lifetime`: its drain wakes all streams, which then end. `registry` is for FeedMetrics, which says what null means.
  // Store and timer outlive it.
  Feed(const call::StreamLifetime& lifetime, Store& store, Timer& timer, const FeedSettings& settings = {},
       std::shared_ptr<prometheus::Registry> registry = nullptr);
  ~Feed();

  FeedMetrics& metrics() { return metrics_; }
  StreamLimits& limits() { return limits_; }

  // The head of an entity's log moved, or may have moved (Store::CommitListener). Returns before streams are woken: the
  // waker does that, once for all commits that came meanwhile, so that the thread that committed goes on.
  void OnCommit(const dictionary::Entity& entity, std::int64_t head);

  // For streams only.
  void Add(const std::shared_ptr<ChangeStream>& stream);
  void Remove(const ChangeStream* stream);
  // Whether commits wake the stream. Not while it is in a channel, which wakes it.
  void SetPolling(const std::shared_ptr<ChangeStream>& stream, bool polling);
  // The channel that reads these columns for all; nothing if there are too many channels.
  std::shared_ptr<LiveChannel> ChannelFor(const dictionary::Entity& entity, std::uint64_t columns);
  // The newest head that is known; 0 if none is.
  std::int64_t Head(const dictionary::Entity& entity) const;

 private:
  Worker::Clock::time_point RunWakeUps();
  void WakeChanged();
  void WakeOfChannels();
  void WakeAll();
  using StreamSet = std::unordered_map<const ChangeStream*, std::weak_ptr<ChangeStream>>;
  std::vector<std::shared_ptr<ChangeStream>> Streams(const StreamSet& set);

  Store& store_;
  Timer& timer_;
  const LiveSettings live_;
  StreamLimits limits_;
  FeedMetrics metrics_;

  mutable std::mutex mutex_;  // guards the following members; never held while a stream runs
  StreamSet streams_;
  StreamSet polling_;                                                                        // those that commits wake
  std::map<std::pair<std::int16_t, std::uint64_t>, std::shared_ptr<LiveChannel>> channels_;  // by entity and columns
  std::vector<std::pair<std::shared_ptr<LiveChannel>, LiveChannel::Streams>> rounds_;        // to be woken
  std::map<std::int16_t, std::int64_t> heads_;                                               // newest known, by entity
  std::set<std::int16_t> changed_;  // entities whose streams were not woken since their head moved

  // Last: they use everything above. Their destructors wait for what they run.
  Worker waker_;                                        // wakes streams after commits
  std::stop_callback<std::function<void()>> on_drain_;  // on the thread that drains
};

}  // namespace journeyfeed::feed
