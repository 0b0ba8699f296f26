#include "tests/bench/http2/event_loop.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace journeyfeed::bench::http2 {
namespace {

constexpr std::size_t kScratchBytes = 256 * 1024;
constexpr int kEvents = 256;

// A source and its turn in the one pointer that epoll keeps: sources are aligned to more than one byte.
constexpr std::uintptr_t kUrgentBit = 1;

std::uint64_t Tag(EventLoop::Source& source, EventLoop::Turn turn) {
  const auto pointer = reinterpret_cast<std::uintptr_t>(&source);
  return pointer | (turn == EventLoop::Turn::kUrgent ? kUrgentBit : 0);
}

bool Urgent(const epoll_event& event) { return (event.data.u64 & kUrgentBit) != 0; }

EventLoop::Source& SourceOf(const epoll_event& event) {
  return *reinterpret_cast<EventLoop::Source*>(event.data.u64 & ~kUrgentBit);
}

}  // namespace

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), scratch_(kScratchBytes) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

EventLoop::~EventLoop() { ::close(epoll_); }

void EventLoop::Control(int operation, int fd, std::uint32_t events, Source& source, Turn turn) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = Tag(source, turn);
  if (::epoll_ctl(epoll_, operation, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void EventLoop::Add(int fd, std::uint32_t events, Source& source, Turn turn) {
  Control(EPOLL_CTL_ADD, fd, events, source, turn);
}

void EventLoop::Change(int fd, std::uint32_t events, Source& source, Turn turn) {
  Control(EPOLL_CTL_MOD, fd, events, source, turn);
}

void EventLoop::Remove(int fd) { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

bool EventLoop::RunUntil(Clock::time_point deadline, const std::function<bool()>& done) {
  std::array<epoll_event, kEvents> events;
  while (!done()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    const int count = ::epoll_wait(epoll_, events.data(), kEvents, static_cast<int>(left));
    if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_wait");
    const auto end = events.begin() + std::max(count, 0);
    std::partition(events.begin(), end, Urgent);
    for (auto event = events.begin(); event != end; ++event) SourceOf(*event).OnReady(event->events);
  }
  return true;
}

void EventLoop::RunFor(Clock::duration time) {
  RunUntil(Clock::now() + time, [] { return false; });
}

}  // namespace journeyfeed::bench::http2
