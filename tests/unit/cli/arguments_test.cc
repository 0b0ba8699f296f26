#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/output/duration_text.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kBracedId[] = "{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}";

TEST(Arguments, WrongOnesEndWith64AndNameTheProblem) {
  const std::vector<std::pair<Arguments, std::string>> wrong = {
      {{}, "a command is needed"},
      {{"frobnicate"}, "no such command"},
      {{"create"}, "ENTITY is required"},
      {{"create", "account", "-"}, "session or journey"},
      {{"create", "journey"}, "give the record"},
      {{"create", "journey", "--set", "name"}, "column=value"},
      {{"create", "journey", "--set", "nonsense=1"}, "no column nonsense"},
      {{"create", "journey", "--set", "statuscode=Alive"}, "Going Live"},
      {{"create", "journey", "--frob=1", "-"}, "unknown option --frob"},
      {{"create", "journey", "-", "--request-id", "7"}, "must be a UUID"},
      {{"retrieve", "journey"}, "ID is required"},
      {{"retrieve", "journey", "17"}, "must be a UUID"},
      {{"retrieve", "journey", kBracedId, "--partition", "p"}, "has no partitions"},
      {{"retrieve", "journey", kBracedId, "--output", "xml"}, "json|table"},
      {{"retrieve", "journey", kBracedId, "--timeout", "soon"}, "duration"},
      {{"retrieve", "journey", kBracedId, "--user-id", "me"}, "must be a UUID"},
      {{"retrieve", "journey", kBracedId, "--correlation-id", "a b"}, "printable"},
      {{"update", "journey", kBracedId, "--set", "name=a", "--clear", "msdyncrm_name"}, "both name"},
      {{"update", "journey", kBracedId, "--clear", "id"}, "of the key"},
      {{"upsert", "session", kBracedId, "--clear", "session"}, "replaces a session"},
      {{"watch", "session", "--max-changes", "0"}, "--max-changes"},
      {{"watch", "session", "--on-expired", "ignore"}, "fail|resync"},
      {{"watch", "journey", "--partition", "p"}, "has no partitions"},
      {{"watch", "session", "--output", "table"}, "one JSON object a line"},
  };
  for (const auto& [arguments, message] : wrong) {
    const Ran ran = RunCli(arguments);
    EXPECT_EQ(ran.exit_code, 64) << message;
    EXPECT_THAT(ran.err, HasSubstr(message));
    EXPECT_EQ(ran.out, "");
  }
}

// An argument that is not quoted well may be a part of a session.
TEST(Arguments, ErrorsRepeatNoValues) {
  const Ran split = RunCli({"create", "session", "--set", "session=the", "secret", "text"});
  EXPECT_EQ(split.exit_code, 64);
  EXPECT_THAT(split.err, Not(HasSubstr("text")));
  const Ran bare = RunCli({"create", "session", "--set", "secret"});
  EXPECT_THAT(bare.err, Not(HasSubstr("secret")));
  const Ran kind = RunCli({"create", "session", "--set", "ttl_in_seconds=secret"});
  EXPECT_EQ(kind.exit_code, 3);
  EXPECT_THAT(kind.err, Not(HasSubstr("secret")));
}

TEST(Arguments, HelpAndVersionAreNoErrors) {
  const Ran help = RunCli({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("Examples:"));
  EXPECT_THAT(RunCli({"watch", "--help"}).out, HasSubstr("--token-file"));
  EXPECT_THAT(RunCli({"--version"}).out, ::testing::MatchesRegex("journeyctl [0-9.]+\n"));
}

TEST(Arguments, GlobalOptionsStandBeforeOrAfterTheCommand) {
  for (const Arguments& arguments :
       {Arguments{"--address", "a:1", "--timeout", "250ms", "retrieve", "journey", kBracedId},
        Arguments{"retrieve", "journey", kBracedId, "--address=a:1", "--timeout=250ms"}}) {
    const auto invocation = ReadArguments(arguments);
    ASSERT_TRUE(invocation) << invocation.error().message;
    EXPECT_EQ(invocation->options.connection.address, "a:1");
    EXPECT_EQ(invocation->options.connection.timeout, std::chrono::milliseconds(250));
  }
}

TEST(Arguments, TheAddressComesFromTheEnvironmentUnlessItIsGiven) {
  setenv("JOURNEYFEED_ADDRESS", "env:2", 1);
  const auto from_environment = ReadArguments({"retrieve", "journey", kBracedId});
  const auto given = ReadArguments({"retrieve", "journey", kBracedId, "--address", "flag:3"});
  unsetenv("JOURNEYFEED_ADDRESS");
  const auto neither = ReadArguments({"retrieve", "journey", kBracedId});
  EXPECT_EQ(from_environment->options.connection.address, "env:2");
  EXPECT_EQ(given->options.connection.address, "flag:3");
  EXPECT_EQ(neither->options.connection.address, "127.0.0.1:50051");
}

TEST(Arguments, AFileThatIsNotThereEndsWith74) {
  const Ran ran = RunCli({"create", "journey", "/nowhere/journey.json"});
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_THAT(ran.err, HasSubstr("No such file"));
}

TEST(Duration, HasAUnitOrIsInSeconds) {
  using std::chrono::milliseconds;
  EXPECT_EQ(ParseDuration("250ms"), milliseconds(250));
  EXPECT_EQ(ParseDuration("10"), milliseconds(10'000));
  EXPECT_EQ(ParseDuration("5m"), milliseconds(300'000));
  EXPECT_EQ(ParseDuration("24h"), milliseconds(86'400'000));
  for (const char* wrong : {"", "s", "-1s", "0", "25h", "1d", "1.5s", "99999999999999999999", "1 s"}) {
    EXPECT_FALSE(ParseDuration(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace journeyfeed::cli::testing
