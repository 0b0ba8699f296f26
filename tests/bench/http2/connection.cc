#include "tests/bench/http2/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "tests/bench/http2/hpack.h"

namespace journeyfeed::bench::http2 {
namespace {

// A client that reads as fast as it can: no window ever holds a server up.
constexpr std::uint32_t kWindow = 0x7fffffff;
constexpr std::uint32_t kGrantAt = kWindow / 4;
constexpr std::uint32_t kMaxFrameBytes = 1 << 20;
constexpr int kReadsPerTurn = 4;

std::size_t NumberOf(std::uint32_t stream) { return (stream - 1) / 2; }
std::uint32_t StreamOf(std::size_t number) { return static_cast<std::uint32_t>(2 * number + 1); }

int Dial(const Address& address, int receive_buffer) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port);
  if (::inet_pton(AF_INET, address.host.c_str(), &to.sin_addr) != 1)
    throw std::runtime_error("not an IPv4 address: " + address.host);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer > 0) ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  // Closing resets the connection: thousands would otherwise hold their port for a minute.
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    const int error = errno;
    ::close(fd);
    throw std::system_error(error, std::generic_category(), "connect to " + address.text());
  }
  return fd;
}

}  // namespace

Address Address::Parse(const std::string& host_and_port) {
  const std::size_t colon = host_and_port.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error("not HOST:PORT: " + host_and_port);
  return {host_and_port.substr(0, colon), static_cast<std::uint16_t>(std::stoul(host_and_port.substr(colon + 1)))};
}

Connection::Connection(EventLoop& loop, const Address& address, Receiver& receiver, const Options& options)
    : loop_(loop),
      receiver_(receiver),
      turn_(options.turn),
      authority_(address.text()),
      fd_(Dial(address, options.receive_buffer)) {
  std::string settings;
  AppendSetting(settings, Setting::kHeaderTableSize, 0);
  AppendSetting(settings, Setting::kEnablePush, 0);
  AppendSetting(settings, Setting::kInitialWindowSize, kWindow);
  AppendSetting(settings, Setting::kMaxFrameSize, kMaxFrameBytes);
  outgoing_.frames() += kPreface;
  AppendFrame(outgoing_.frames(), FrameType::kSettings, 0, 0, settings);
  AppendWindowUpdate(outgoing_.frames(), 0, kWindow - static_cast<std::uint32_t>(kDefaultWindow));
  loop_.Add(fd_, EPOLLIN, *this, turn_);
  Flush();
}

Connection::~Connection() {
  loop_.Remove(fd_);
  ::close(fd_);
}

std::size_t Connection::Open(const Call& call) {
  const std::size_t number = streams_.size();
  streams_.emplace_back();
  AppendFrame(outgoing_.frames(), FrameType::kHeaders, flag::kEndHeaders, StreamOf(number),
              RequestBlock(call.path, authority_));
  outgoing_.SendData(StreamOf(number), Framed(call.message), call.ends);
  Flush();
  return number;
}

void Connection::Stall() { loop_.Remove(fd_); }

void Connection::OnReady(std::uint32_t events) {
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) Receive();
  if (!broken()) Flush();
}

void Connection::Receive() {
  for (int i = 0; i < kReadsPerTurn && !broken(); ++i) {
    std::vector<char>& buffer = loop_.scratch();
    const ssize_t received = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (received == 0) return Break("the server closed the connection");
    if (received < 0) {
      if (errno != EAGAIN && errno != EINTR) Break(std::generic_category().message(errno));
      return;
    }
    const auto read_at = Clock::now();
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
    bytes_received_ += bytes.size();
    if (partial_.empty()) {
      partial_ = bytes.substr(TakeFrames(bytes, read_at));
    } else {
      partial_ += bytes;
      partial_.erase(0, TakeFrames(partial_, read_at));
    }
    if (bytes.size() < buffer.size()) return;  // nothing is left
  }
}

std::size_t Connection::TakeFrames(std::string_view bytes, Clock::time_point read_at) {
  std::size_t used = 0;
  while (!broken()) {
    const std::string_view rest = bytes.substr(used);
    const auto header = ReadFrameHeader(rest);
    if (!header || rest.size() < kFrameHeaderBytes + header->length) break;
    OnFrame(*header, rest.substr(kFrameHeaderBytes, header->length), read_at);
    used += kFrameHeaderBytes + header->length;
  }
  return used;
}

void Connection::OnFrame(const FrameHeader& header, std::string_view payload, Clock::time_point read_at) {
  greeted_ = true;
  switch (header.type) {
    case FrameType::kData:
      return OnData(header, payload, read_at);
    case FrameType::kHeaders:
      return OnHeaders(header, payload);
    case FrameType::kReset:
      return End(header.stream, {.status = {}, .message = "the server reset the stream"});
    case FrameType::kSettings:
      if (header.Has(flag::kAck)) return;
      outgoing_.OnSettings(payload);
      return AppendFrame(outgoing_.frames(), FrameType::kSettings, flag::kAck, 0, {});
    case FrameType::kPing:
      if (!header.Has(flag::kAck)) AppendFrame(outgoing_.frames(), FrameType::kPing, flag::kAck, 0, payload);
      return;
    case FrameType::kWindowUpdate:
      if (payload.size() >= 4) outgoing_.OnWindowUpdate(header.stream, ReadNumber(payload));
      return;
    case FrameType::kGoAway:
      return Break("the server sent GOAWAY: " + std::string(payload.substr(std::min<std::size_t>(8, payload.size()))));
    case FrameType::kContinuation:
      return Break("the server sent headers in several frames");
  }
}

void Connection::OnData(const FrameHeader& header, std::string_view payload, Clock::time_point read_at) {
  Grant(0, not_granted_, header.length);
  Stream* const stream = Find(header.stream);
  if (stream == nullptr) return;
  const auto content = Content(header, payload);
  if (!content) return Break("a DATA frame contradicts itself");
  const std::size_t number = NumberOf(header.stream);
  stream->reader.Feed(*content,
                      [&](std::string_view message) { receiver_.OnMessage(*this, number, message, read_at); });
  if (header.Has(flag::kEndStream)) return End(header.stream, {});
  Grant(header.stream, streams_[number].not_granted, header.length);
}

void Connection::OnHeaders(const FrameHeader& header, std::string_view payload) {
  if (!header.Has(flag::kEndHeaders)) return Break("the server sent headers in several frames");
  if (!header.Has(flag::kEndStream)) return;
  const std::string_view block = Content(header, payload).value_or("");
  End(header.stream, {.status = FindField(block, "grpc-status").value_or(""),
                      .message = FindField(block, "grpc-message").value_or("")});
}

void Connection::Grant(std::uint32_t stream, std::uint32_t& not_granted, std::uint32_t received) {
  not_granted += received;
  if (not_granted < kGrantAt) return;
  AppendWindowUpdate(outgoing_.frames(), stream, not_granted);
  not_granted = 0;
}

Connection::Stream* Connection::Find(std::uint32_t id) {
  if (id % 2 == 0 || NumberOf(id) >= streams_.size() || streams_[NumberOf(id)].ended) return nullptr;
  return &streams_[NumberOf(id)];
}

void Connection::End(std::uint32_t id, const CallEnd& end) {
  Stream* const stream = Find(id);
  if (stream == nullptr) return;
  stream->ended = true;
  outgoing_.Forget(id);
  receiver_.OnEnd(*this, NumberOf(id), end);
}

void Connection::Flush() {
  if (broken()) return;
  if (!outgoing_.Flush(fd_)) return Break(std::generic_category().message(errno));
  if (outgoing_.idle() == !awaits_output_) return;
  awaits_output_ = !outgoing_.idle();
  loop_.Change(fd_, awaits_output_ ? EPOLLIN | EPOLLOUT : EPOLLIN, *this, turn_);
}

void Connection::Break(std::string problem) {
  problem_ = std::move(problem);
  loop_.Remove(fd_);
  for (std::size_t i = 0; i < streams_.size(); ++i) End(StreamOf(i), {.status = {}, .message = problem_});
}

}  // namespace journeyfeed::bench::http2
