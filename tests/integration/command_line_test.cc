// Settings as an operator sees them: refused all at once, shown without secrets.
#include <gtest/gtest.h>

#include <cstdlib>

#include "storage/embedded/command.h"
#include "tests/integration/service.h"

namespace journeyfeed::testing {
namespace {

struct Ended {
  int code = -1;
  std::string output;
};

Ended RunServer(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {}) {
  embedded::Command command;
  command.argv = {JOURNEYFEED_SERVER_BINARY};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.user = embedded::CurrentUser().value_or(embedded::OsUser{});
  std::vector<std::string> all = environment;
  for (const std::string name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name.c_str())) all.push_back(name + "=" + value);
  }
  std::vector<char*> variables;
  for (const std::string& variable : all) variables.push_back(const_cast<char*>(variable.c_str()));
  variables.push_back(nullptr);
  command.environment = variables.data();
  const auto outcome = embedded::RunCommand(command, embedded::Clock::now() + std::chrono::seconds(20));
  if (!outcome) return {-1, outcome.error().message};
  return {outcome->exit_code, outcome->output};
}

TEST(CommandLine, WrongSettingsAreAllNamedAndRefused) {
  const Ended ended = RunServer({"--address", "nowhere", "--statement-timeout", "soon", "--nonsense", "1"},
                                {"JOURNEYFEED_LOG_LEVEL=loud", "JOURNEYFEED_TYPO=1"});
  EXPECT_EQ(ended.code, 2);
  for (const char* named : {"address", "statement-timeout", "nonsense", "JOURNEYFEED_LOG_LEVEL", "JOURNEYFEED_TYPO"}) {
    EXPECT_NE(ended.output.find(named), std::string::npos) << named << '\n' << ended.output;
  }
}

TEST(CommandLine, SettingsThatExcludeEachOtherAreRefused) {
  EXPECT_EQ(RunServer({"--data-dir", "/tmp/none", "--database-url", "dbname=none"}).code, 2);
}

TEST(CommandLine, PrintConfigHidesSecrets) {
  const Ended ended = RunServer({"--print-config", "--database-url", "dbname=none password=SECRET"},
                                {"JOURNEYFEED_ADDRESS=127.0.0.1:7"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.output.find("SECRET"), std::string::npos);
  EXPECT_NE(ended.output.find("127.0.0.1:7"), std::string::npos);
}

TEST(CommandLine, HelpAndVersionNeedNothing) {
  EXPECT_EQ(RunServer({"--help"}).code, 0);
  const Ended version = RunServer({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_NE(version.output.find("0.1"), std::string::npos) << version.output;
}

TEST(CommandLine, AnAddressInUseIsNamed) {
  const std::string used = TheService().server.process().address();
  const Ended ended = RunServer(
      {"--address", used, "--metrics-address", "127.0.0.1:0", "--database-url", "host=/nonexistent dbname=none"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.output.find(used), std::string::npos) << ended.output;
  const std::string metrics = TheService().server.process().metrics_address();
  EXPECT_EQ(RunServer({"--address", "127.0.0.1:0", "--metrics-address", metrics, "--database-url",
                       "host=/nonexistent dbname=none"})
                .code,
            1);
}

TEST(CommandLine, APortFileThatCannotBeWrittenIsNamed) {
  const Ended ended = RunServer({"--address", "127.0.0.1:0", "--metrics-address", "127.0.0.1:0", "--port-file",
                                 "/nonexistent/ports", "--database-url", "host=/nonexistent dbname=none"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.output.find("/nonexistent/ports"), std::string::npos) << ended.output;
}

}  // namespace
}  // namespace journeyfeed::testing
