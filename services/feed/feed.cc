#include "services/feed/feed.h"

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

Feed::Feed(Store& store, FeedSettings settings)
    : store_(store),
      settings_(std::move(settings)),
      tokens_([&store] { return store.TokenKeys(); }, [&store](std::uint8_t id) { return store.LacksTokenKey(id); }),
      metrics_(settings_.registry),
      waker_("wake-ups of the feed", [this](const std::stop_token&) { return WakeStreams(); }),
      ticker_("feed", [this](const std::stop_token&) { return Tick(); }) {}

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

Worker::Clock::time_point Feed::WakeStreams() {
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

void Feed::Drain() {
  {
    const std::scoped_lock lock(mutex_);
    draining_ = true;
  }
  for (const auto& stream : Streams()) stream->Wake();
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

bool Feed::draining() const {
  const std::scoped_lock lock(mutex_);
  return draining_;
}

std::chrono::milliseconds Feed::Lifetime() {
  const std::scoped_lock lock(mutex_);
  const auto fifth = settings_.stream_lifetime.count() / 5;
  return settings_.stream_lifetime +
         std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(-fifth, fifth)(random_));
}

std::chrono::milliseconds Feed::ReconnectAfter() {
  const std::scoped_lock lock(mutex_);
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(0, settings_.drain_spread.count())(random_));
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

void Feed::RunLater(std::chrono::milliseconds time, std::function<void()> task) {
  const std::scoped_lock lock(mutex_);
  later_.emplace(std::chrono::steady_clock::now() + time, std::move(task));
}

void Feed::RunDue(std::chrono::steady_clock::time_point now) {
  std::vector<std::function<void()>> due;
  {
    const std::scoped_lock lock(mutex_);
    const auto end = later_.upper_bound(now);
    for (auto at = later_.begin(); at != end; ++at) due.push_back(std::move(at->second));
    later_.erase(later_.begin(), end);
  }
  for (const auto& task : due) Guarded("feed", task);
}

Worker::Clock::time_point Feed::Tick() {
  Guarded("feed", [this] {
    const auto now = std::chrono::steady_clock::now();
    for (const auto& stream : Streams()) stream->Tick(now);
  });
  RunDue(std::chrono::steady_clock::now());
  return Worker::Clock::now() + kTick;
}

}  // namespace journeyfeed::feed
