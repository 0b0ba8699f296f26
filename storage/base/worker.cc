#include "storage/base/worker.h"

#include <utility>

#include "storage/base/guarded.h"

namespace journeyfeed {
namespace {

constexpr auto kPauseAfterException = std::chrono::seconds(1);

}  // namespace

Worker::Worker(const char* name, Round round)
    : name_(name), round_(std::move(round)), thread_([this](const std::stop_token& stop) { RunRounds(stop); }) {}

void Worker::Wake() {
  const MutexLock lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

void Worker::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Worker::RunRounds(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Clock::time_point next = Clock::now() + kPauseAfterException;
    Guarded(name_, [&] { next = round_(stop); });
    MutexLock lock(mutex_);
    changed_.wait_until(lock, stop, next, [this]() JF_REQUIRES(mutex_) { return woken_; });
    woken_ = false;
  }
}

}  // namespace journeyfeed
