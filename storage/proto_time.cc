#include "storage/proto_time.h"

#include <algorithm>

namespace journeyfeed {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

Timestamp FromProto(const google::protobuf::Timestamp& time) {
  constexpr auto kFirst = std::chrono::floor<seconds>(microseconds(kEarliestTimestamp.micros));
  constexpr auto kLast = std::chrono::floor<seconds>(microseconds(kLatestTimestamp.micros));
  const seconds whole = std::clamp(seconds(time.seconds()), kFirst, kLast);
  return {microseconds(whole).count() + std::clamp(time.nanos(), 0, 999'999'999) / 1000};
}

void ToProto(Timestamp time, google::protobuf::Timestamp& proto) {
  const microseconds all(time.micros);
  const auto whole = std::chrono::floor<seconds>(all);
  proto.set_seconds(whole.count());
  proto.set_nanos(static_cast<std::int32_t>(nanoseconds(all - whole).count()));
}

milliseconds FromProto(const google::protobuf::Duration& duration) {
  return seconds(duration.seconds()) + milliseconds(duration.nanos() / 1'000'000);
}

void ToProto(milliseconds duration, google::protobuf::Duration& proto) {
  const auto whole = std::chrono::duration_cast<seconds>(duration);
  proto.set_seconds(whole.count());
  proto.set_nanos(static_cast<std::int32_t>(nanoseconds(duration - whole).count()));
}

}  // namespace journeyfeed
