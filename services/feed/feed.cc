#include "services/feed/feed.h"

#include <chrono>
#include <utility>

#include "services/feed/change_stream.h"
#include "storage/base/guarded.h"

namespace journeyfeed::feed {
namespace {

using namespace std::chrono_literals;

// How long the waker rests when no commit wakes it.
constexpr auto kWithoutCommits = 1h;
// Each reads the log by itself, so their number is bounded. Streams of further columns read their own pages.
constexpr std::size_t kMostChannels = 8;

}  // namespace

Feed::Feed(const call::StreamLifetime& lifetime, Store& store, Timer& timer, const FeedSettings& settings,
           std::shared_ptr<prometheus::Registry> registry)
    : store_(store),
      timer_(timer),
      live_(settings.live),
      limits_(settings.streams),
      metrics_(std::move(registry)),
      waker_("wake-ups of the feed", [this](const std::stop_token&) { return RunWakeUps(); }),
      on_drain_(lifetime.drain_token(), [this] { WakeAll(); }) {}

Feed::~Feed() {
  decltype(channels_) channels;
  {
    const std::scoped_lock lock(mutex_);
    channels.swap(channels_);
  }
  // Not under the lock: a channel that wakes streams now needs it.
  for (const auto& [key, channel] : channels) channel->Stop();
}

void Feed::OnCommit(const dictionary::Entity& entity, std::int64_t head) {
  std::vector<std::shared_ptr<LiveChannel>> channels;
  {
    const std::scoped_lock lock(mutex_);
    std::int64_t& known = heads_[entity.id];
    if (head <= known) return;
    known = head;
    if (!polling_.empty()) changed_.insert(entity.id);
    for (const auto& [key, channel] : channels_) {
      if (key.first == entity.id) channels.push_back(channel);
    }
  }
  for (const auto& channel : channels) channel->OnCommit(head);
  waker_.Wake();
}

std::shared_ptr<LiveChannel> Feed::ChannelFor(const dictionary::Entity& entity, std::uint64_t columns) {
  if (live_.ring_bytes == 0) return nullptr;
  const std::scoped_lock lock(mutex_);
  const auto found = channels_.find({entity.id, columns});
  if (found != channels_.end()) return found->second;
  // Those that only this map knows have no stream.
  if (channels_.size() >= kMostChannels)
    std::erase_if(channels_, [](const auto& each) { return each.second.use_count() == 1; });
  if (channels_.size() >= kMostChannels) return nullptr;
  const auto wake = [this](std::shared_ptr<LiveChannel> from, LiveChannel::Streams streams) {
    {
      const std::scoped_lock rounds_lock(mutex_);
      rounds_.emplace_back(std::move(from), std::move(streams));
    }
    waker_.Wake();
  };
  auto channel =
      std::make_shared<LiveChannel>(store_, timer_, entity, columns, live_, metrics_.OfChannels(entity), wake);
  const auto known = heads_.find(entity.id);
  channel->OnCommit(known == heads_.end() ? 0 : known->second);
  channels_.emplace(std::pair(entity.id, columns), channel);
  for (const auto& [key, each] : channels_) each->SetRingBytes(live_.ring_bytes / channels_.size());
  return channel;
}

Worker::Clock::time_point Feed::RunWakeUps() {
  WakeOfChannels();
  WakeChanged();
  return Worker::Clock::now() + kWithoutCommits;
}

void Feed::WakeOfChannels() {
  decltype(rounds_) rounds;
  {
    const std::scoped_lock lock(mutex_);
    rounds.swap(rounds_);
  }
  for (const auto& [channel, streams] : rounds) {
    const auto began = Worker::Clock::now();
    for (const auto& weak : streams) {
      if (const auto stream = weak.lock()) Guarded("feed", [&stream] { stream->Wake(); });
    }
    channel->OnDelivered(Worker::Clock::now() - began);
  }
}

void Feed::WakeChanged() {
  std::set<std::int16_t> changed;
  {
    const std::scoped_lock lock(mutex_);
    changed.swap(changed_);
  }
  if (changed.empty()) return;
  for (const auto& stream : Streams(polling_)) {
    if (changed.contains(stream->entity().id)) Guarded("feed", [&stream] { stream->Wake(); });
  }
}

// An exception that left a stop callback would end the process.
void Feed::WakeAll() {
  Guarded("feed", [this] {
    for (const auto& stream : Streams(streams_)) stream->Wake();
  });
}

void Feed::Add(const std::shared_ptr<ChangeStream>& stream) {
  const std::scoped_lock lock(mutex_);
  streams_.emplace(stream.get(), stream);
  polling_.emplace(stream.get(), stream);
}

void Feed::SetPolling(const std::shared_ptr<ChangeStream>& stream, bool polling) {
  const std::scoped_lock lock(mutex_);
  if (!polling) {
    polling_.erase(stream.get());
  } else if (streams_.contains(stream.get())) {
    polling_.emplace(stream.get(), stream);
  }
}

void Feed::Remove(const ChangeStream* stream) {
  const std::scoped_lock lock(mutex_);
  streams_.erase(stream);
  polling_.erase(stream);
}

std::int64_t Feed::Head(const dictionary::Entity& entity) const {
  const std::scoped_lock lock(mutex_);
  const auto head = heads_.find(entity.id);
  return head == heads_.end() ? 0 : head->second;
}

// All references leave with the result: dropping the last reference to a stream under the lock would call Remove, which
// locks again.
std::vector<std::shared_ptr<ChangeStream>> Feed::Streams(const StreamSet& set) {
  std::vector<std::shared_ptr<ChangeStream>> streams;
  const std::scoped_lock lock(mutex_);
  streams.reserve(set.size());
  for (const auto& [key, weak] : set) {
    if (auto stream = weak.lock()) streams.push_back(std::move(stream));
  }
  return streams;
}

}  // namespace journeyfeed::feed
