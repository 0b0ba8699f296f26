// What all change streams together may take: their number, and the memory of the pages that they read for themselves.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace journeyfeed::feed {

struct StreamLimitSettings {
  std::size_t most_streams = 20'000;
  std::size_t page_bytes = 64 << 20;                // see StreamLimits::NextPageBytes
  std::chrono::milliseconds stall_timeout{60'000};  // a consumer that takes no message for so long is cut off
};

// A part of a counter, given back at its end. The counter outlives it.
class Share {
 public:
  Share() = default;
  Share(std::atomic<std::size_t>& counter, std::size_t size) : counter_(&counter), size_(size) { counter += size; }
  Share(Share&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)), size_(other.size_) {}
  Share& operator=(Share&& other) noexcept {
    Return();
    counter_ = std::exchange(other.counter_, nullptr);
    size_ = other.size_;
    return *this;
  }
  ~Share() { Return(); }

 private:
  void Return() {
    if (counter_ != nullptr) *counter_ -= size_;
    counter_ = nullptr;
  }

  std::atomic<std::size_t>* counter_ = nullptr;
  std::size_t size_ = 0;
};

// Thread-safe; outlives the streams.
class StreamLimits {
 public:
  explicit StreamLimits(const StreamLimitSettings& settings = {}) : settings_(settings) {}

  const StreamLimitSettings& settings() const { return settings_; }

  // A stream opens. Whether it may: Full says so after it was counted.
  Share CountStream() { return {streams_, 1}; }
  std::size_t streams() const { return streams_; }
  bool Full() const { return streams_ > settings_.most_streams; }

  // Pages that a stream has read and its consumer has not taken.
  Share HoldPage(std::size_t bytes) { return {held_bytes_, bytes}; }
  std::size_t held_bytes() const { return held_bytes_; }
  // The most bytes of the next page that a stream reads: an eighth of what is free, from 16 KiB to 3 MiB. Consumers
  // that do not take their pages make those of others smaller, and never make them wait.
  std::int64_t NextPageBytes() const;
  // Whether a stream may read a page while its consumer has not taken the one before: while half is free.
  bool MayReadAhead() const { return held_bytes_ <= settings_.page_bytes / 2; }

 private:
  const StreamLimitSettings settings_;
  std::atomic<std::size_t> streams_ = 0;
  std::atomic<std::size_t> held_bytes_ = 0;
};

}  // namespace journeyfeed::feed
