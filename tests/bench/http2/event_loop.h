// One thread that waits for many sockets and timers.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace journeyfeed::bench::http2 {

// One thread at a time. All failures throw std::runtime_error.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;

  class Source {
   public:
    virtual ~Source() = default;
    // `events`: those of epoll that came. May add sources and remove itself, but destroys none.
    virtual void OnReady(std::uint32_t events) = 0;
  };
  // Sources that are ready together: urgent ones come first, so that times they take are not those of the others' work.
  enum class Turn { kUsual, kUrgent };

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // `source` must live until Remove.
  void Add(int fd, std::uint32_t events, Source& source, Turn turn = Turn::kUsual);
  void Change(int fd, std::uint32_t events, Source& source, Turn turn = Turn::kUsual);
  void Remove(int fd);

  // Serves the sources until `done` holds, which is asked after every few events, or until the deadline. Returns
  // whether it holds.
  bool RunUntil(Clock::time_point deadline, const std::function<bool()>& done);
  void RunFor(Clock::duration time);

  // A buffer for the source whose turn it is.
  std::vector<char>& scratch() { return scratch_; }

 private:
  void Control(int operation, int fd, std::uint32_t events, Source& source, Turn turn);

  int epoll_;
  std::vector<char> scratch_;
};

}  // namespace journeyfeed::bench::http2
