#include "tests/bench/http2/outgoing.h"

#include <gtest/gtest.h>

#include <map>

namespace journeyfeed::bench::http2 {
namespace {

// The bytes of data by stream, and who has ended.
struct Sent {
  std::map<std::uint32_t, std::size_t> bytes;
  std::map<std::uint32_t, bool> ended;
  std::size_t largest = 0;
};

Sent Read(Outgoing& outgoing) {
  Sent sent;
  for (std::string_view rest = outgoing.frames(); !rest.empty();) {
    const FrameHeader header = ReadFrameHeader(rest).value();
    sent.bytes[header.stream] += header.length;
    sent.ended[header.stream] = header.Has(flag::kEndStream);
    sent.largest = std::max<std::size_t>(sent.largest, header.length);
    rest.remove_prefix(kFrameHeaderBytes + header.length);
  }
  return sent;
}

std::string InitialWindow(std::uint32_t size) {
  std::string payload;
  AppendSetting(payload, Setting::kInitialWindowSize, size);
  return payload;
}

TEST(OutgoingTest, CutsDataIntoFramesThatEveryPeerTakes) {
  Outgoing outgoing;
  outgoing.SendData(1, std::string(40000, 'x'), /*ends=*/true);
  const Sent sent = Read(outgoing);
  EXPECT_EQ(sent.bytes.at(1), 40000u);
  EXPECT_EQ(sent.largest, kFramePayloadBytes);
  EXPECT_TRUE(sent.ended.at(1));
}

TEST(OutgoingTest, AStreamThatStaysOpenIsNotEnded) {
  Outgoing outgoing;
  outgoing.SendData(1, "x", /*ends=*/false);
  EXPECT_FALSE(Read(outgoing).ended.at(1));
}

TEST(OutgoingTest, SendsNoMoreThanTheWindowsOfStreamAndConnection) {
  Outgoing outgoing;
  outgoing.SendData(1, std::string(100000, 'x'), true);
  EXPECT_EQ(Read(outgoing).bytes.at(1), 65535u);
  outgoing.OnWindowUpdate(1, 50000);
  EXPECT_EQ(Read(outgoing).bytes.at(1), 65535u) << "that of the connection is empty";
  outgoing.OnWindowUpdate(0, 20000);
  EXPECT_EQ(Read(outgoing).bytes.at(1), 85535u);
  EXPECT_FALSE(Read(outgoing).ended.at(1));
  outgoing.OnWindowUpdate(0, 20000);
  EXPECT_EQ(Read(outgoing).bytes.at(1), 100000u);
  EXPECT_TRUE(Read(outgoing).ended.at(1));
}

TEST(OutgoingTest, ANewInitialWindowHoldsForStreamsThatWaitToo) {
  Outgoing outgoing;
  outgoing.OnWindowUpdate(0, 1000000);
  outgoing.OnSettings(InitialWindow(10));
  outgoing.SendData(1, std::string(100, 'x'), true);
  EXPECT_EQ(Read(outgoing).bytes.at(1), 10u);
  outgoing.OnSettings(InitialWindow(60));
  EXPECT_EQ(Read(outgoing).bytes.at(1), 60u);
  outgoing.OnSettings(InitialWindow(20));  // the stream now owes 40
  outgoing.OnWindowUpdate(1, 50);
  EXPECT_EQ(Read(outgoing).bytes.at(1), 70u);
}

TEST(OutgoingTest, AnEndedStreamSendsNoMore) {
  Outgoing outgoing;
  outgoing.SendData(1, std::string(100000, 'x'), true);
  outgoing.Forget(1);
  outgoing.OnWindowUpdate(0, 100000);
  EXPECT_EQ(Read(outgoing).bytes.at(1), 65535u);
}

}  // namespace
}  // namespace journeyfeed::bench::http2
