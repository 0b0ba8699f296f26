#include "cli/output/error_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/cli/fake_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ErrorText, SaysCodeReasonMessageActionRetryAndCorrelation) {
  CommandFailure failure = FromCall(
      MakeError(grpc::StatusCode::UNAVAILABLE, "FEED_REPLICA_BEHIND", "not there yet", {.retry_milliseconds = 1500}));
  failure.correlation_id = "abc";
  const std::string text = ErrorText(failure);
  EXPECT_THAT(text, HasSubstr("journeyctl: UNAVAILABLE / FEED_REPLICA_BEHIND: not there yet\n"));
  EXPECT_THAT(text, HasSubstr("\n  do: Send the call again after the delay; the token stays good.\n"));
  EXPECT_THAT(text, HasSubstr("\n  retry: after 1.5 s\n"));
  EXPECT_THAT(text, HasSubstr("\n  correlation id: abc\n"));
  EXPECT_EQ(failure.exit_code, 14);
}

TEST(ErrorText, ShowsAHundredViolationsALineEachAndHowManyMoreThereAre) {
  const CommandFailure failure =
      FromCall(MakeError(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT", "100 invalid fields",
                         {.violations = 100, .violations_total = 130}));
  const std::string text = ErrorText(failure);
  EXPECT_EQ(std::ranges::count(text, '\n'), 1 + 100 + 1 + 1);  // headline, violations, "more", what to do
  EXPECT_THAT(text, HasSubstr("\n  target.f0: is wrong\n"));
  EXPECT_THAT(text, HasSubstr("\n  target.f99: is wrong\n  and 30 more\n"));
}

TEST(ErrorText, AHundredUnknownKeysOfABodyAreAllListed) {
  std::string body = "{";
  for (int i = 0; i < 100; ++i) body += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"secret\"";
  const Ran ran = RunCli({"create", "session", "-"}, body + "}");
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.err, HasSubstr("\n  k0: is not a column"));
  EXPECT_THAT(ran.err, HasSubstr("\n  k99: is not a column"));
  EXPECT_THAT(ran.err, Not(HasSubstr("secret")));
}

TEST(ErrorText, AnErrorWithoutDetailsIsItsCodeAndMessage) {
  EXPECT_EQ(ErrorText(FromCall({grpc::StatusCode::INTERNAL, "broken"})), "journeyctl: INTERNAL: broken\n");
  EXPECT_EQ(ErrorText(FromCall({grpc::StatusCode::INTERNAL, "broken", "no status"})), "journeyctl: INTERNAL: broken\n");
}

TEST(ErrorText, NoAnswerCanSteerTheTerminal) {
  const std::string text = ErrorText(FromCall({grpc::StatusCode::INTERNAL,
                                               "a\x1b[2Jb\r\nc\xC2\x9B"
                                               "d\xC3\xA9"}));
  EXPECT_EQ(text, "journeyctl: INTERNAL: a [2Jb  c d\xC3\xA9\n");
}

TEST(ErrorText, NobodyIsToldThatTheReaderWentAway) { EXPECT_EQ(ErrorText(ReaderGone()), ""); }

}  // namespace
}  // namespace journeyfeed::cli::testing
