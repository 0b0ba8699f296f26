// Runs python_client.py against the server.
#include <gtest/gtest.h>

#include "storage/embedded/command.h"
#include "tests/integration/service.h"

namespace journeyfeed::testing {
namespace {

TEST(PythonClient, NeedsOnlyTheProtos) {
  embedded::Command command;
  // Debian's Python has python3-grpcio; another one in PATH may not.
  command.argv = {"/usr/bin/python3", JOURNEYFEED_PYTHON_CLIENT, TheService().server.process().address(),
                  JOURNEYFEED_PYTHON_STUBS};
  command.user = embedded::CurrentUser().value_or(embedded::OsUser{});
  const auto outcome = embedded::RunCommand(command, embedded::Clock::now() + std::chrono::seconds(60));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 0) << outcome->output;
  EXPECT_NE(outcome->output.find("python client: ok"), std::string::npos) << outcome->output;
}

}  // namespace
}  // namespace journeyfeed::testing
