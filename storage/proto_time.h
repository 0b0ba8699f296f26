// Times and durations as Protocol Buffers have them.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>

#include "storage/types.h"

namespace journeyfeed {

// Digits below a microsecond are cut. A time that no column may hold becomes the earliest or the latest one; fields
// that are no part of a second count as their nearest.
Timestamp FromProto(const google::protobuf::Timestamp& time);
// The nanoseconds are never negative, also before 1970.
void ToProto(Timestamp time, google::protobuf::Timestamp& proto);

// Digits below a millisecond are cut.
std::chrono::milliseconds FromProto(const google::protobuf::Duration& duration);
void ToProto(std::chrono::milliseconds duration, google::protobuf::Duration& proto);

}  // namespace journeyfeed
