#include "tests/bench/feed/followers.h"

#include <algorithm>
#include <stdexcept>

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;
using http2::Connection;

constexpr auto kTimeToStart = 60s;
// Connections that the server has not greeted wait in the queue of its socket, which is bounded.
constexpr std::size_t kConnectAtOnce = 128;
// What is sent to a stalled follower soon waits at the server, not in the kernel.
constexpr int kStalledBuffer = 4096;

}  // namespace

struct Followers::Line final : Connection::Receiver {
  Line(Followers& owner, std::size_t first_follower, int receive_buffer)
      : all(owner),
        first(first_follower),
        connection(owner.loop_, owner.address_, *this, {.receive_buffer = receive_buffer}) {}

  void OnMessage(Connection&, std::size_t call, std::string_view message, Clock::time_point read_at) override {
    all.OnMessage(first + call, message, read_at);
  }
  void OnEnd(Connection&, std::size_t, const http2::CallEnd& end) override { all.OnEnd(end); }

  Followers& all;
  const std::size_t first;
  Connection connection;
};

Followers::Followers(http2::EventLoop& loop, const http2::Address& address, FollowerPlan plan, OnDelivery on_delivery)
    : loop_(loop),
      address_(address),
      plan_(std::move(plan)),
      on_delivery_(std::move(on_delivery)),
      followers_(static_cast<std::size_t>(plan_.followers)) {
  for (int first = 0; first < plan_.followers; first += plan_.per_connection)
    OpenLine(first, std::min(plan_.per_connection, plan_.followers - first), 0);
  for (int i = 0; i < plan_.stalled; ++i) {
    OpenLine(plan_.followers + i, 1, kStalledBuffer);
    lines_.back()->connection.Stall();
  }
  if (loop_.RunUntil(Clock::now() + kTimeToStart, [this] { return started_ == plan_.followers || ended_ > 0; }) &&
      ended_ == 0)
    return;
  throw std::runtime_error(std::to_string(plan_.followers - started_) + " followers did not start: " + problem_);
}

Followers::~Followers() = default;

void Followers::OpenLine(int first, int streams, int receive_buffer) {
  lines_.push_back(std::make_unique<Line>(*this, static_cast<std::size_t>(first), receive_buffer));
  for (int i = 0; i < streams; ++i) lines_.back()->connection.Open(plan_.call(first + i));
  const std::size_t begin = lines_.size() < kConnectAtOnce ? 0 : lines_.size() - kConnectAtOnce;
  if (begin == 0) return;
  const Connection& oldest = lines_[begin - 1]->connection;
  loop_.RunUntil(Clock::now() + kTimeToStart, [&] { return oldest.greeted() || oldest.broken(); });
}

std::uint64_t Followers::bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& line : lines_) bytes += line->connection.bytes_received();
  return bytes;
}

void Followers::OnMessage(std::size_t follower, std::string_view message, Clock::time_point read_at) {
  if (follower >= followers_.size()) return;  // a stalled one, just before it stalls
  Follower& to = followers_[follower];
  if (!to.started) ++started_;
  to.started = true;
  ++messages_;
  ForEachMark(message, plan_.text_bytes, [&](const Mark& mark) {
    to.tally.Add(mark);
    ++delivered_;
    on_delivery_(mark, read_at);
  });
  if (plan_.keeps_last_message) to.last_message = message;
}

void Followers::OnEnd(const http2::CallEnd& end) {
  if (ended_++ == 0) problem_ = "a stream ended with status " + end.status + " " + end.message;
}

}  // namespace journeyfeed::bench
