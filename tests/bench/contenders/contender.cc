#include "tests/bench/contenders/contender.h"

#include <memory>
#include <stdexcept>

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;
using http2::Connection;

constexpr auto kTimeToServe = 60s;
constexpr auto kBetweenTries = 20ms;

struct FirstMessage final : Connection::Receiver {
  void OnMessage(Connection&, std::size_t, std::string_view, Connection::Clock::time_point) override { came = true; }
  void OnEnd(Connection&, std::size_t, const http2::CallEnd& end) override { ended = end.message + " "; }
  bool came = false;
  std::string ended;
};

void AwaitServing(const Contender& contender, const http2::Address& address) {
  http2::EventLoop loop;
  const auto give_up = Connection::Clock::now() + kTimeToServe;
  std::string problem = "no answer";
  while (Connection::Clock::now() < give_up) {
    try {
      FirstMessage first;
      Connection connection(loop, address, first);
      connection.Open(contender.Follow({}));
      loop.RunUntil(give_up, [&] { return first.came || !first.ended.empty(); });
      if (first.came) return;
      problem = first.ended;
    } catch (const std::runtime_error& e) {
      problem = e.what();
    }
    loop.RunFor(kBetweenTries);
  }
  throw std::runtime_error(contender.name() + " does not serve: " + problem);
}

}  // namespace

void AwaitServing(const Contender& contender) {
  AwaitServing(contender, contender.address());
  AwaitServing(contender, contender.follow_address());
}

}  // namespace journeyfeed::bench
