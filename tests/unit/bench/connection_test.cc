// The client against a server that is played by hand.
#include "tests/bench/http2/connection.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/bench/http2/hpack.h"

namespace journeyfeed::bench::http2 {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address_), size), 0);
    EXPECT_EQ(::listen(fd_, 1), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
  }
  ~Listener() { ::close(fd_); }
  Address address() const { return {"127.0.0.1", ntohs(address_.sin_port)}; }
  int Accept() const { return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC); }

 private:
  int fd_;
  sockaddr_in address_{};
};

struct Received final : Connection::Receiver {
  void OnMessage(Connection&, std::size_t call, std::string_view message, Connection::Clock::time_point) override {
    messages.push_back(std::to_string(call) + ":" + std::string(message));
  }
  void OnEnd(Connection&, std::size_t call, const CallEnd& end) override {
    ends.push_back(std::to_string(call) + ":" + end.status + ":" + end.message);
  }
  std::vector<std::string> messages, ends;
};

class ConnectionTest : public ::testing::Test {
 protected:
  ~ConnectionTest() override { ::close(peer_); }

  void SendFrame(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    std::string frame;
    AppendFrame(frame, type, flags, stream, payload);
    SendBytes(frame);
  }
  void SendBytes(std::string_view bytes) {
    ASSERT_EQ(::send(peer_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  bool Await(const std::function<bool()>& done) { return loop_.RunUntil(Connection::Clock::now() + 10s, done); }

  // What the client sent next: runs its loop until there are so many bytes.
  std::string Read(std::size_t size) {
    std::string bytes;
    EXPECT_TRUE(Await([&] {
      char buffer[4096];
      const ssize_t got = ::recv(peer_, buffer, std::min(sizeof buffer, size - bytes.size()), MSG_DONTWAIT);
      if (got > 0) bytes.append(buffer, static_cast<std::size_t>(got));
      return bytes.size() == size;
    }));
    return bytes;
  }
  FrameHeader ReadFrame(std::string* payload = nullptr) {
    const FrameHeader header = ReadFrameHeader(Read(kFrameHeaderBytes)).value();
    const std::string bytes = Read(header.length);
    if (payload != nullptr) *payload = bytes;
    return header;
  }

  Listener listener_;
  EventLoop loop_;
  Received received_;
  Connection connection_{loop_, listener_.address(), received_};
  int peer_ = listener_.Accept();
};

TEST_F(ConnectionTest, BeginsWithThePrefaceAndOpensCalls) {
  EXPECT_EQ(connection_.Open({.path = "/s/M", .message = "request"}), 0u);
  EXPECT_EQ(connection_.Open({.path = "/s/M", .message = "request", .ends = false}), 1u);
  EXPECT_EQ(Read(kPreface.size()), kPreface);
  std::string payload;
  EXPECT_EQ(ReadFrame(&payload).type, FrameType::kSettings);
  EXPECT_EQ(FindSetting(payload, Setting::kHeaderTableSize), 0u);
  EXPECT_EQ(ReadFrame().type, FrameType::kWindowUpdate);
  for (const std::uint32_t stream : {1u, 3u}) {
    const FrameHeader headers = ReadFrame(&payload);
    EXPECT_EQ(headers.type, FrameType::kHeaders);
    EXPECT_EQ(headers.stream, stream);
    EXPECT_EQ(FindField(payload, ":path"), "/s/M");
    const FrameHeader data = ReadFrame(&payload);
    EXPECT_EQ(data.type, FrameType::kData);
    EXPECT_EQ(data.Has(flag::kEndStream), stream == 1);
    EXPECT_EQ(payload, Framed("request"));
  }
}

TEST_F(ConnectionTest, UnderstandsFramesHoweverTheyAreCut) {
  connection_.Open({.path = "/s/M", .message = ""});
  std::string trailers, bytes;
  AppendField(trailers, "grpc-status", "5");
  AppendField(trailers, "grpc-message", "none");
  AppendFrame(bytes, FrameType::kSettings, 0, 0, "");
  AppendFrame(bytes, FrameType::kHeaders, flag::kEndHeaders, 1, "\x88");
  AppendFrame(bytes, FrameType::kData, 0, 1, Framed("one") + Framed("two").substr(0, 6));
  AppendFrame(bytes, FrameType::kData, 0, 1, Framed("two").substr(6));
  AppendFrame(bytes, FrameType::kHeaders, flag::kEndHeaders | flag::kEndStream, 1, trailers);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    SendBytes({&bytes[i], 1});
    ASSERT_TRUE(Await([&] { return connection_.bytes_received() == i + 1; }));
  }
  ASSERT_TRUE(Await([&] { return !received_.ends.empty(); })) << connection_.problem();
  EXPECT_THAT(received_.messages, ElementsAre("0:one", "0:two"));
  EXPECT_THAT(received_.ends, ElementsAre("0:5:none"));
}

TEST_F(ConnectionTest, AnswersSettingsAndPing) {
  Read(kPreface.size());
  ReadFrame();
  ReadFrame();
  SendFrame(FrameType::kSettings, 0, 0, "");
  const FrameHeader settings = ReadFrame();
  EXPECT_EQ(settings.type, FrameType::kSettings);
  EXPECT_TRUE(settings.Has(flag::kAck));
  SendFrame(FrameType::kPing, 0, 0, "12345678");
  std::string payload;
  const FrameHeader ping = ReadFrame(&payload);
  EXPECT_EQ(ping.type, FrameType::kPing);
  EXPECT_TRUE(ping.Has(flag::kAck));
  EXPECT_EQ(payload, "12345678");
}

TEST_F(ConnectionTest, AResetEndsItsCallOnly) {
  connection_.Open({.path = "/s/M", .message = ""});
  connection_.Open({.path = "/s/M", .message = ""});
  SendFrame(FrameType::kReset, 0, 1, std::string(4, '\0'));
  ASSERT_TRUE(Await([&] { return !received_.ends.empty(); }));
  EXPECT_THAT(received_.ends, ElementsAre("0::the server reset the stream"));
  SendFrame(FrameType::kData, 0, 1, Framed("too late"));
  SendFrame(FrameType::kData, 0, 3, Framed("alive"));
  ASSERT_TRUE(Await([&] { return !received_.messages.empty(); }));
  EXPECT_THAT(received_.messages, ElementsAre("1:alive"));
}

TEST_F(ConnectionTest, AllCallsEndWithTheConnection) {
  connection_.Open({.path = "/s/M", .message = ""});
  connection_.Open({.path = "/s/M", .message = ""});
  SendFrame(FrameType::kGoAway, 0, 0, std::string(8, '\0') + "too many pings");
  ASSERT_TRUE(Await([&] { return connection_.broken(); }));
  EXPECT_THAT(connection_.problem(), HasSubstr("too many pings"));
  EXPECT_THAT(received_.ends, ::testing::SizeIs(2));
}

TEST_F(ConnectionTest, AServerThatClosesIsNoticed) {
  connection_.Open({.path = "/s/M", .message = ""});
  ::shutdown(peer_, SHUT_RDWR);
  ASSERT_TRUE(Await([&] { return connection_.broken(); }));
  EXPECT_THAT(received_.ends, ::testing::SizeIs(1));
}

TEST(AddressTest, IsHostAndPort) {
  EXPECT_EQ(Address::Parse("127.0.0.1:50051").port, 50051);
  EXPECT_EQ(Address::Parse("127.0.0.1:50051").host, "127.0.0.1");
  EXPECT_THROW(Address::Parse("127.0.0.1"), std::runtime_error);
}

TEST(DialTest, WhereNothingListensItThrows) {
  EventLoop loop;
  Received received;
  const Address nobody = Listener().address();  // closed again
  EXPECT_THROW(Connection(loop, nobody, received), std::runtime_error);
}

}  // namespace
}  // namespace journeyfeed::bench::http2
