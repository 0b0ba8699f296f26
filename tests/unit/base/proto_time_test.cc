#include "storage/proto_time.h"

#include <gtest/gtest.h>

#include <limits>

namespace journeyfeed {
namespace {

using namespace std::chrono_literals;

TEST(ProtoTime, KeepsMicroseconds) {
  for (const std::int64_t micros : {0LL, 1LL, 1'000'000LL, 1'700'000'000'123'456LL, -1LL, -1'000'000LL, -1'500'001LL}) {
    google::protobuf::Timestamp proto;
    ToProto(Timestamp{micros}, proto);
    EXPECT_GE(proto.nanos(), 0) << micros;
    EXPECT_LT(proto.nanos(), 1'000'000'000) << micros;
    EXPECT_EQ(FromProto(proto).micros, micros);
  }
}

TEST(ProtoTime, CutsWhatIsFinerThanAMicrosecond) {
  google::protobuf::Timestamp proto;
  proto.set_seconds(1);
  proto.set_nanos(999'999'999);
  EXPECT_EQ(FromProto(proto).micros, 1'999'999);
}

TEST(ProtoTime, TakesTheNearestTimeOfWhatNoColumnHolds) {
  google::protobuf::Timestamp proto;
  proto.set_seconds(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(FromProto(proto).micros, kLatestTimestamp.micros - 999'999);
  proto.set_seconds(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(FromProto(proto).micros, kEarliestTimestamp.micros);
  proto.set_seconds(1);
  proto.set_nanos(-1);
  EXPECT_EQ(FromProto(proto).micros, 1'000'000);
}

TEST(ProtoTime, KeepsMillisecondsOfDurations) {
  for (const auto duration : {0ms, 1ms, 1250ms, 3'600'000ms}) {
    google::protobuf::Duration proto;
    ToProto(duration, proto);
    EXPECT_EQ(FromProto(proto), duration);
  }
}

}  // namespace
}  // namespace journeyfeed
