// One connection of a gRPC client over bare HTTP/2, with any number of calls. Without a gRPC library, so that the
// client takes little of the machine that it measures, and the same from each server.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "tests/bench/http2/event_loop.h"
#include "tests/bench/http2/grpc_message.h"
#include "tests/bench/http2/outgoing.h"

namespace journeyfeed::bench::http2 {

struct Address {
  std::string host;  // an IPv4 address
  std::uint16_t port = 0;

  static Address Parse(const std::string& host_and_port);
  std::string text() const { return host + ":" + std::to_string(port); }
};

struct Call {
  std::string path;
  std::string message;
  bool ends = true;  // nothing of the client's follows the message
};

struct CallEnd {
  std::string status;  // grpc-status; empty if the server sent none that can be read
  std::string message;

  bool ok() const { return status == "0"; }
};

// Used by the thread of its loop.
class Connection final : private EventLoop::Source {
 public:
  using Clock = EventLoop::Clock;

  // Calls are numbered from 0 in the order of Open.
  class Receiver {
   public:
    virtual ~Receiver() = default;
    // `read_at`: when the end of the message was read from the socket.
    virtual void OnMessage(Connection& connection, std::size_t call, std::string_view message,
                           Clock::time_point read_at) = 0;
    // Once for every call.
    virtual void OnEnd(Connection& connection, std::size_t call, const CallEnd& end) = 0;
  };

  struct Options {
    EventLoop::Turn turn = EventLoop::Turn::kUsual;
    int receive_buffer = 0;  // bytes that the kernel keeps for it; 0: as many as it likes
  };

  // Connects. Throws std::runtime_error on failure. Loop and receiver must outlive the connection.
  Connection(EventLoop& loop, const Address& address, Receiver& receiver, const Options& options);
  Connection(EventLoop& loop, const Address& address, Receiver& receiver)
      : Connection(loop, address, receiver, Options{}) {}
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins a call and returns its number.
  std::size_t Open(const Call& call);
  // Reads nothing any more. What was opened before has been sent.
  void Stall();

  bool greeted() const { return greeted_; }  // the server's first frame has come
  bool broken() const { return !problem_.empty(); }
  const std::string& problem() const { return problem_; }
  std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  struct Stream {
    MessageReader reader;
    std::uint32_t not_granted = 0;  // bytes received that no WINDOW_UPDATE gave back
    bool ended = false;
  };

  void OnReady(std::uint32_t events) override;
  void Receive();
  std::size_t TakeFrames(std::string_view bytes, Clock::time_point read_at);
  void OnFrame(const FrameHeader& header, std::string_view payload, Clock::time_point read_at);
  void OnData(const FrameHeader& header, std::string_view payload, Clock::time_point read_at);
  void OnHeaders(const FrameHeader& header, std::string_view payload);
  void Grant(std::uint32_t stream, std::uint32_t& not_granted, std::uint32_t received);
  Stream* Find(std::uint32_t id);
  void End(std::uint32_t id, const CallEnd& end);
  void Flush();
  void Break(std::string problem);

  EventLoop& loop_;
  Receiver& receiver_;
  const EventLoop::Turn turn_;
  const std::string authority_;
  int fd_;
  Outgoing outgoing_;
  bool awaits_output_ = false;  // epoll tells when the socket takes more
  std::string partial_;         // the beginning of a frame
  std::deque<Stream> streams_;  // by number; a call may be opened while another receives
  std::uint32_t not_granted_ = 0;
  std::uint64_t bytes_received_ = 0;
  bool greeted_ = false;
  std::string problem_;
};

}  // namespace journeyfeed::bench::http2
