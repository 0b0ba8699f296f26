#include "services/feed/feed.h"

#include <chrono>
#include <utility>

#include "services/feed/change_stream.h"
#include "storage/base/guarded.h"

namespace journeyfeed::feed {
namespace {

using namespace std::chrono_literals;

// How often streams check the clock: the shortest progress interval is 100 ms.
constexpr auto kTick = 50ms;
// How long the waker rests when no commit wakes it.
constexpr auto kWithoutCommits = 1h;

}  // namespace

Feed::Feed(const call::StreamLifetime& lifetime, std::shared_ptr<prometheus::Registry> registry)
    : metrics_(std::move(registry)),
      waker_("wake-ups of the feed", [this](const std::stop_token&) { return WakeChanged(); }),
      ticker_("feed", [this](const std::stop_token&) { return Tick(); }),
      on_drain_(lifetime.drain_token(), [this] { WakeAll(); }) {}

void Feed::OnCommit(const dictionary::Entity& entity, std::int64_t head) {
  {
    const std::scoped_lock lock(mutex_);
    std::int64_t& known = heads_[entity.id];
    if (head <= known) return;
    known = head;
    changed_.insert(entity.id);
  }
  waker_.Wake();
}

Worker::Clock::time_point Feed::WakeChanged() {
  std::set<std::int16_t> changed;
  {
    const std::scoped_lock lock(mutex_);
    changed.swap(changed_);
  }
  if (!changed.empty()) {
    for (const auto& stream : Streams()) {
      if (changed.contains(stream->entity().id)) Guarded("feed", [&stream] { stream->Wake(); });
    }
  }
  return Worker::Clock::now() + kWithoutCommits;
}

// An exception that left a stop callback would end the process.
void Feed::WakeAll() {
  Guarded("feed", [this] {
    for (const auto& stream : Streams()) stream->Wake();
  });
}

void Feed::Add(const std::shared_ptr<ChangeStream>& stream) {
  const std::scoped_lock lock(mutex_);
  streams_.emplace(stream.get(), stream);
}

void Feed::Remove(const ChangeStream* stream) {
  const std::scoped_lock lock(mutex_);
  streams_.erase(stream);
}

std::int64_t Feed::Head(const dictionary::Entity& entity) const {
  const std::scoped_lock lock(mutex_);
  const auto head = heads_.find(entity.id);
  return head == heads_.end() ? 0 : head->second;
}

// All references leave with the result: dropping the last reference to a stream under the lock would call Remove, which
// locks again.
std::vector<std::shared_ptr<ChangeStream>> Feed::Streams() {
  std::vector<std::shared_ptr<ChangeStream>> streams;
  const std::scoped_lock lock(mutex_);
  streams.reserve(streams_.size());
  for (const auto& [key, weak] : streams_) {
    if (auto stream = weak.lock()) streams.push_back(std::move(stream));
  }
  return streams;
}

Worker::Clock::time_point Feed::Tick() {
  Guarded("feed", [this] {
    const auto now = std::chrono::steady_clock::now();
    for (const auto& stream : Streams()) stream->Tick(now);
  });
  return Worker::Clock::now() + kTick;
}

}  // namespace journeyfeed::feed
