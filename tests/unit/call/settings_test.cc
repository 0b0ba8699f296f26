#include "services/settings.h"

#include <gmock/gmock.h>

#include <set>

#include "services/settings_table.h"
#include "services/settings_text.h"

namespace journeyfeed {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<std::string> ProblemsOf(const std::vector<std::string>& arguments, const Environment& environment = {}) {
  const auto read = ReadInvocation(arguments, environment);
  return read ? std::vector<std::string>() : read.error();
}

TEST(Settings, DefaultsAreGoodAndTheTableIsSound) {
  const auto read = ReadInvocation({}, {});
  ASSERT_TRUE(read) << ::testing::PrintToString(read.error());
  EXPECT_EQ(read->settings.address, "127.0.0.1:50051");
  EXPECT_EQ(read->settings.max_message_bytes, Bytes{16 << 20});
  EXPECT_EQ(read->settings.drain_grace, std::chrono::seconds(30));
  EXPECT_EQ(read->settings.write_connections, 2);
  std::set<std::string> names;
  for (const SettingRow& row : SettingRows()) {
    EXPECT_TRUE(names.insert(VariableName(row.flag)).second) << row.flag;
    EXPECT_FALSE(row.help.empty()) << row.flag;
    Settings scratch;
    for (const auto limit : {row.min, row.max}) {
      if (!limit.empty()) {
        EXPECT_EQ(Assign(row, std::string(limit), scratch), "") << row.flag;
      }
    }
    EXPECT_THAT(HelpText(), AllOf(HasSubstr("--" + std::string(row.flag)), HasSubstr(VariableName(row.flag))));
  }
}

TEST(Settings, AllProblemsAtOnce) {
  const auto problems = ProblemsOf(
      {"--adress", "x", "--drain-grace=-1s", "--read-connections=0", "--log-level=loud", "stray", "--port-file"},
      {{"JOURNEYFEED_TYPO", "1"}, {"JOURNEYFEED_ADDRESS", "nowhere"}, {"HOME", "/"}});
  EXPECT_THAT(problems, SizeIs(8));
  for (const char* part : {"unknown flag --adress", "--drain-grace", "--read-connections \"0\": must be from 1 to 64",
                           "--log-level", "unexpected argument stray", "--port-file: a value is missing",
                           "JOURNEYFEED_TYPO", "environment JOURNEYFEED_ADDRESS \"nowhere\""}) {
    EXPECT_THAT(problems, Contains(HasSubstr(part)));
  }
}

TEST(Settings, FlagsWinOverTheEnvironment) {
  const Environment environment = {{"JOURNEYFEED_READ_CONNECTIONS", "7"}, {"JOURNEYFEED_WRITE_CONNECTIONS", "3"}};
  const auto read = ReadInvocation({"--read-connections", "9", "--print-config"}, environment);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->action, Invocation::Action::kPrintConfig);
  EXPECT_EQ(read->settings.read_connections, 9);
  EXPECT_EQ(read->settings.write_connections, 3);
  const std::string config = ConfigText(*read);
  EXPECT_THAT(config, HasSubstr("read-connections = 9  # flag --read-connections\n"));
  EXPECT_THAT(config, HasSubstr("write-connections = 3  # environment JOURNEYFEED_WRITE_CONNECTIONS\n"));
  EXPECT_THAT(config, HasSubstr("drain-grace = 30s  # default\n"));
}

TEST(Settings, SecretsAreNeverShown) {
  const auto read = ReadInvocation({}, {{"JOURNEYFEED_DATABASE_URL", "postgresql://u:geheim@h/db"}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->settings.database_url, "postgresql://u:geheim@h/db");
  EXPECT_EQ(read->settings.data_dir, "");
  EXPECT_THAT(ConfigText(*read), AllOf(HasSubstr("database-url = (hidden)"), Not(HasSubstr("geheim"))));
  for (const auto& problem : ProblemsOf({"--database-url=geheim"})) EXPECT_THAT(problem, Not(HasSubstr("geheim")));
  EXPECT_THAT(ProblemsOf({"--database-url=geheim"}), SizeIs(1));
}

TEST(Settings, OneDatabaseOnly) {
  EXPECT_THAT(ProblemsOf({"--database-url=postgresql://h/db", "--data-dir=d"}),
              Contains(HasSubstr("exclude each other")));
  EXPECT_THAT(ProblemsOf({"--address=127.0.0.1:80", "--metrics-address=127.0.0.1:80"}), SizeIs(1));
  EXPECT_THAT(ProblemsOf({"--address=127.0.0.1:0", "--metrics-address=127.0.0.1:0"}), IsEmpty());
  EXPECT_THAT(ProblemsOf({"--data-dir="}), SizeIs(1));
  EXPECT_THAT(ProblemsOf({"--data-dir=a", "--data-dir=b"}), SizeIs(1));
}

TEST(Settings, VariablesOfKubernetesAreNoMistakes) {
  EXPECT_THAT(ProblemsOf({}, {{"JOURNEYFEED_SERVICE_HOST", "10.0.0.1"},
                              {"JOURNEYFEED_SERVICE_PORT", "50051"},
                              {"JOURNEYFEED_SERVICE_PORT_GRPC", "50051"},
                              {"JOURNEYFEED_PORT", "tcp://10.0.0.1:50051"},
                              {"JOURNEYFEED_PORT_50051_TCP", "tcp://10.0.0.1:50051"},
                              {"JOURNEYFEED_PORT_50051_TCP_PROTO", "tcp"},
                              {"JOURNEYFEED_PORT_50051_TCP_PORT", "50051"},
                              {"JOURNEYFEED_PORT_50051_TCP_ADDR", "10.0.0.1"},
                              {"JOURNEYFEED_METRICS_SERVICE_HOST", "10.0.0.2"},
                              {"JOURNEYFEED_METRICS_PORT", "tcp://10.0.0.2:9464"}}),
              IsEmpty());
  EXPECT_THAT(ProblemsOf({}, {{"JOURNEYFEED_PORT", "50051"}}), SizeIs(1));
}

TEST(Settings, HelpAndVersionWinOverProblems) {
  EXPECT_EQ(ReadInvocation({"--help", "--nonsense"}, {})->action, Invocation::Action::kHelp);
  EXPECT_EQ(ReadInvocation({"--version"}, {{"JOURNEYFEED_TYPO", ""}})->action, Invocation::Action::kVersion);
  EXPECT_THAT(VersionText(), ::testing::StartsWith("journeyfeed-server 0"));
}

TEST(SettingsText, Durations) {
  EXPECT_EQ(ParseDuration("250ms"), Duration(250));
  EXPECT_EQ(ParseDuration("5s"), Duration(5'000));
  EXPECT_EQ(ParseDuration("30m"), Duration(1'800'000));
  for (const char* bad : {"", "5", "s", "-5s", "5 s", "1.5s", "5S", "99999999999999999999s", "9223372036854775807h"}) {
    EXPECT_FALSE(ParseDuration(bad)) << bad;
  }
  for (const char* text : {"0s", "1ms", "1500ms", "90s", "1h"}) EXPECT_EQ(FormatDuration(*ParseDuration(text)), text);
}

TEST(SettingsText, Sizes) {
  EXPECT_EQ(ParseBytes("16MiB"), Bytes{16 << 20});
  EXPECT_EQ(ParseBytes("65536"), Bytes{65536});
  EXPECT_EQ(FormatBytes(Bytes{65536}), "64KiB");
  for (const char* bad : {"", "16MB", "-1", "MiB", "16777216GiBs"}) EXPECT_FALSE(ParseBytes(bad)) << bad;
}

}  // namespace
}  // namespace journeyfeed
