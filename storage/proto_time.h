// Converts times and durations from and to Protocol Buffers.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>

#include "storage/types.h"

namespace journeyfeed {

// Cuts digits below a microsecond. A time outside the range of columns becomes the earliest or latest time in it;
// nanoseconds outside a second count as the nearest value inside.
Timestamp FromProto(const google::protobuf::Timestamp& time);
// The nanoseconds are never negative, even before 1970.
void ToProto(Timestamp time, google::protobuf::Timestamp& proto);

// Cuts digits below a millisecond.
std::chrono::milliseconds FromProto(const google::protobuf::Duration& duration);
void ToProto(std::chrono::milliseconds duration, google::protobuf::Duration& proto);

}  // namespace journeyfeed
