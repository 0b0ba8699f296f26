#include "tests/bench/http2/frame.h"

#include <gmock/gmock.h>

#include "tests/bench/http2/grpc_message.h"

namespace journeyfeed::bench::http2 {
namespace {

using ::testing::ElementsAre;

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

TEST(FrameTest, HasTheFormOfRfc9113) {
  std::string out;
  AppendFrame(out, FrameType::kData, flag::kEndStream, 0x01020304, "abc");
  EXPECT_EQ(out, Bytes({0, 0, 3, 0, 1, 1, 2, 3, 4}) + "abc");
}

TEST(FrameTest, IsReadAsItWasWritten) {
  std::string out;
  AppendFrame(out, FrameType::kHeaders, flag::kEndHeaders, 7, std::string(70000, 'x'));
  const auto header = ReadFrameHeader(out);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->length, 70000u);
  EXPECT_EQ(header->type, FrameType::kHeaders);
  EXPECT_TRUE(header->Has(flag::kEndHeaders));
  EXPECT_FALSE(header->Has(flag::kEndStream));
  EXPECT_EQ(header->stream, 7u);
}

TEST(FrameTest, OfFewerThanNineBytesThereIsNoHeader) { EXPECT_FALSE(ReadFrameHeader("12345678")); }

TEST(FrameTest, TheReservedBitOfAStreamIsIgnored) {
  EXPECT_EQ(ReadFrameHeader(Bytes({0, 0, 0, 0, 0, 0x80, 0, 0, 5}))->stream, 5u);
}

TEST(FrameTest, ContentIsWithoutPaddingAndPriority) {
  const FrameHeader padded{.length = 6, .type = FrameType::kData, .flags = flag::kPadded, .stream = 1};
  EXPECT_EQ(Content(padded, Bytes({2}) + "abc" + Bytes({0, 0})), "abc");
  const FrameHeader both{
      .length = 10, .type = FrameType::kHeaders, .flags = flag::kPadded | flag::kPriority, .stream = 1};
  EXPECT_EQ(Content(both, Bytes({1, 0, 0, 0, 3, 16}) + "abc" + Bytes({0})), "abc");
  EXPECT_EQ(Content({.type = FrameType::kData}, "abc"), "abc");
}

TEST(FrameTest, MorePaddingThanPayloadIsAContradiction) {
  const FrameHeader padded{.length = 3, .type = FrameType::kData, .flags = flag::kPadded, .stream = 1};
  EXPECT_FALSE(Content(padded, Bytes({3, 'a', 'b'})));
  EXPECT_FALSE(Content(padded, ""));
}

TEST(SettingsTest, TheLastValueCounts) {
  std::string payload;
  AppendSetting(payload, Setting::kInitialWindowSize, 1);
  AppendSetting(payload, Setting::kMaxFrameSize, 2);
  AppendSetting(payload, Setting::kInitialWindowSize, 0xfffffffe);
  EXPECT_EQ(FindSetting(payload, Setting::kInitialWindowSize), 0xfffffffe);
  EXPECT_FALSE(FindSetting(payload, Setting::kHeaderTableSize));
}

TEST(GrpcMessageTest, HasAFlagAndALength) { EXPECT_EQ(Framed("abc"), Bytes({0, 0, 0, 0, 3}) + "abc"); }

TEST(GrpcMessageTest, AreTheSameWhereverTheBytesAreCut) {
  const std::string all = Framed("first") + Framed("") + Framed(std::string(10000, 'x')) + Framed("last");
  for (std::size_t size = 1; size < all.size(); size = size * 3 / 2 + 1) {
    MessageReader reader;
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < all.size(); at += size)
      reader.Feed(std::string_view(all).substr(at, size), [&](std::string_view m) { messages.emplace_back(m); });
    EXPECT_THAT(messages, ElementsAre("first", "", std::string(10000, 'x'), "last")) << size;
    EXPECT_TRUE(reader.between_messages());
  }
}

TEST(GrpcMessageTest, AMessageThatIsNotCompleteWaits) {
  MessageReader reader;
  int messages = 0;
  reader.Feed(Framed("abc").substr(0, 7), [&](std::string_view) { ++messages; });
  EXPECT_EQ(messages, 0);
  EXPECT_FALSE(reader.between_messages());
}

}  // namespace
}  // namespace journeyfeed::bench::http2
