// What an outside project needs is installed, and nothing of it points into this build.
#include <gtest/gtest.h>
#include <unistd.h>

#include "storage/embedded/command.h"
#include "tests/integration/calls.h"
#include "tests/integration/service.h"

namespace journeyfeed::testing {
namespace {

std::string RunOrFail(const std::vector<std::string>& arguments) {
  embedded::Command command;
  command.argv = arguments;
  command.user = embedded::CurrentUser().value_or(embedded::OsUser{});
  command.environment = ::environ;
  const auto outcome = embedded::RunCommand(command, embedded::Clock::now() + std::chrono::seconds(240));
  if (!outcome) {
    ADD_FAILURE() << outcome.error().message;
    return "";
  }
  EXPECT_EQ(outcome->exit_code, 0) << arguments[1] << '\n' << outcome->output;
  return outcome->output;
}

TEST(ClientPackage, IsFoundAndUsedByAnotherProject) {
  const TempDir folder;
  const std::string prefix = (folder / "prefix").string(), build = (folder / "build").string();
  RunOrFail({JOURNEYFEED_CMAKE, "--install", JOURNEYFEED_BUILD, "--component", "client", "--prefix", prefix});
  RunOrFail({JOURNEYFEED_CMAKE, "-S", JOURNEYFEED_CONSUMER, "-B", build, "-DCMAKE_PREFIX_PATH=" + prefix,
             std::string("-DCMAKE_CXX_COMPILER=") + JOURNEYFEED_COMPILER,
             std::string("-DCMAKE_CXX_FLAGS=") + JOURNEYFEED_FLAGS});
  RunOrFail({JOURNEYFEED_CMAKE, "--build", build});
  const std::string database = TheService().postgres.CreateDatabase("package");
  TestServer server(database);
  SessionClient sessions(server.channel());
  ASSERT_TRUE(sessions.Create("target { " + kSession + " }").ok());
  EXPECT_EQ(RunOrFail({build + "/consumer", server.process().address()}), "n\n");
}

}  // namespace
}  // namespace journeyfeed::testing
