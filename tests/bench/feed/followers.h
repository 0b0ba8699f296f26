// Many followers of one contender: streams that check what they get.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/feed/payload.h"
#include "tests/bench/http2/connection.h"

namespace journeyfeed::bench {

struct FollowerPlan {
  int followers = 0;
  int per_connection = 1;
  int stalled = 0;  // further ones that read nothing, each on a connection of its own
  std::size_t text_bytes = 200;
  bool keeps_last_message = false;
  std::function<http2::Call(int follower)> call;  // the stalled ones come after the others
};

// Used by the thread of its loop, which must outlive it.
class Followers {
 public:
  using Clock = http2::Connection::Clock;
  using OnDelivery = std::function<void(const Mark& mark, Clock::time_point read_at)>;

  // Opens all streams and waits until each had its first message. Throws std::runtime_error if one has none in time.
  // `on_delivery`: for every change, as the loop runs.
  Followers(http2::EventLoop& loop, const http2::Address& address, FollowerPlan plan, OnDelivery on_delivery);
  ~Followers();
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;

  int size() const { return static_cast<int>(followers_.size()); }  // without the stalled ones
  std::uint64_t delivered() const { return delivered_; }            // changes, to all
  std::uint64_t messages() const { return messages_; }              // to all
  std::uint64_t bytes() const;                                      // received from all, with their framing
  const Tally& tally(int follower) const { return At(follower).tally; }
  const std::string& last_message(int follower) const { return At(follower).last_message; }

  int ended() const { return ended_; }                     // streams that the server ended
  const std::string& problem() const { return problem_; }  // why the first of these ended

 private:
  struct Follower {
    Tally tally;
    bool started = false;
    std::string last_message;
  };
  struct Line;  // a connection

  const Follower& At(int follower) const { return followers_[static_cast<std::size_t>(follower)]; }
  void OpenLine(int first, int streams, int receive_buffer);
  void OnMessage(std::size_t follower, std::string_view message, Clock::time_point read_at);
  void OnEnd(const http2::CallEnd& end);

  http2::EventLoop& loop_;
  const http2::Address address_;
  const FollowerPlan plan_;
  const OnDelivery on_delivery_;
  std::vector<Follower> followers_;
  std::vector<std::unique_ptr<Line>> lines_;
  int started_ = 0;
  int ended_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t messages_ = 0;
  std::string problem_;
};

}  // namespace journeyfeed::bench
