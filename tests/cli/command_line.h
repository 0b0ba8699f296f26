// Runs journeyctl in this process, against one server.
#pragma once

#include <string>

#include "tests/integration/service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {

using journeyfeed::testing::TestServer;
using journeyfeed::testing::TheService;

inline Ran Journeyctl(TestServer& server, Arguments arguments, const std::string& input = "", int columns = 0) {
  arguments.insert(arguments.end(), {"--address", server.process().address()});
  return RunCli(arguments, input, {}, columns);
}

inline std::string NewDatabase() {
  static int count = 0;
  return TheService().postgres.CreateDatabase("journeyctl_" + std::to_string(++count));
}

}  // namespace journeyfeed::cli::testing
