#include "tests/bench/contenders/floor_hub.h"

#include <algorithm>

#include "storage/wire.h"

namespace journeyfeed::bench {
namespace {

constexpr std::uint32_t kDataToken = 7;  // of RetrieveEntityChangesResponse
constexpr std::size_t kTokenBytes = 90;  // as many as a real one has
constexpr int kRoundsOfRest = 6;

SharedBuffer MessageOf(std::string changes) {
  wire::AppendBytes(changes, kDataToken, std::string(kTokenBytes, 't'));
  const grpc::Slice slice(changes);
  return std::make_shared<const grpc::ByteBuffer>(&slice, 1);
}

}  // namespace

FloorStream::FloorStream(FloorHub& hub, SharedBuffer first) : hub_(hub) { Send(first); }

void FloorStream::Send(const SharedBuffer& buffer) {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  queue_.push_back(buffer);
  if (queue_.size() == 1) StartWrite(buffer.get());
}

void FloorStream::OnWriteDone(bool ok) {
  if (!ok) return FinishOnce();
  const std::lock_guard lock(mutex_);
  queue_.pop_front();
  if (!queue_.empty() && !finished_) StartWrite(queue_.front().get());
}

void FloorStream::OnCancel() { FinishOnce(); }

void FloorStream::FinishOnce() {
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    finished_ = true;
  }
  Finish(grpc::Status::CANCELLED);
}

void FloorStream::OnDone() {
  hub_.Leave(this);
  delete this;
}

FloorHub::FloorHub(std::chrono::milliseconds longest_rest)
    : longest_rest_(longest_rest), sender_([this](const std::stop_token& stop) { SendUntilStopped(stop); }) {}

FloorHub::~FloorHub() = default;

void FloorHub::Publish(const std::string& changes) {
  {
    const std::lock_guard lock(mutex_);
    changes_ += changes;
  }
  published_.notify_one();
}

FloorStream* FloorHub::Follow() {
  static const SharedBuffer first = MessageOf("");
  auto* const stream = new FloorStream(*this, first);
  const std::lock_guard lock(streams_mutex_);
  streams_.insert(stream);
  return stream;
}

void FloorHub::Leave(FloorStream* stream) {
  const std::lock_guard lock(streams_mutex_);
  streams_.erase(stream);
}

void FloorHub::SendUntilStopped(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  std::unique_lock lock(mutex_);
  while (published_.wait(lock, stop, [this] { return !changes_.empty(); })) {
    const SharedBuffer message = MessageOf(std::exchange(changes_, {}));
    lock.unlock();
    const auto began = Clock::now();
    {
      const std::lock_guard streams_lock(streams_mutex_);
      for (FloorStream* const stream : streams_) stream->Send(message);
    }
    const auto rest = std::min<Clock::duration>(kRoundsOfRest * (Clock::now() - began), longest_rest_);
    lock.lock();
    published_.wait_for(lock, stop, rest, [] { return false; });
  }
}

}  // namespace journeyfeed::bench
