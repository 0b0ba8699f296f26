#include "journeyfeed/client/feed_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/fake_service.h"

namespace journeyfeed::client {
namespace {

using cli::testing::MakeError;
using std::chrono::milliseconds;

TEST(FeedError, HasReasonActionAndDelayOfTheService) {
  const FeedError error = ReadError(
      MakeError(grpc::StatusCode::OUT_OF_RANGE, "EXPIRED_VERSION_STAMP", "too old", {.retry_milliseconds = 1500}));
  EXPECT_EQ(error.reason, "EXPIRED_VERSION_STAMP");
  EXPECT_TRUE(error.IsExpired());
  EXPECT_THAT(error.action, ::testing::HasSubstr("Load from the start"));
  EXPECT_EQ(error.retry_after, milliseconds(1500));
  EXPECT_EQ(error.ToText(), "OUT_OF_RANGE / EXPIRED_VERSION_STAMP: too old");
}

TEST(FeedError, AReasonOfALaterReleaseHasNoAction) {
  EXPECT_EQ(ReadError(MakeError(grpc::StatusCode::INTERNAL, "OF_THE_FUTURE", "")).action, "");
}

TEST(FeedError, OnlyWhatTheServiceCannotMendIsPermanent) {
  using enum grpc::StatusCode;
  const auto may_retry = [](const grpc::Status& status) { return ReadError(status).MayRetry(); };
  EXPECT_TRUE(may_retry(MakeError(UNAVAILABLE, "SERVICE_UNAVAILABLE", "")));
  EXPECT_TRUE(may_retry({UNAVAILABLE, "Socket closed"}));
  EXPECT_TRUE(may_retry({INTERNAL, "Received RST_STREAM with error code 2"})) << "of the transport";
  EXPECT_FALSE(may_retry(MakeError(INTERNAL, "UNEXPECTED", ""))) << "the service's own word";
  EXPECT_TRUE(may_retry(MakeError(RESOURCE_EXHAUSTED, "SERVICE_BUSY", "", {.retry_milliseconds = 1})));
  EXPECT_FALSE(may_retry({RESOURCE_EXHAUSTED, "Received message larger than max"}));
  EXPECT_FALSE(may_retry(MakeError(INVALID_ARGUMENT, "FEED_TOKEN_INVALID", "")));
  EXPECT_FALSE(may_retry({UNIMPLEMENTED, ""}));
}

}  // namespace
}  // namespace journeyfeed::client
