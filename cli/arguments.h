// The command line as a whole: what holds for every command, and which command it is.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/failure.h"

namespace journeyfeed::cli {

struct Invocation {
  Options options;
  Action action;     // empty: only `text` is to be printed
  std::string text;  // of --help and --version
};

// Fails with a usage failure, which names options but repeats no values of columns.
Outcome<Invocation> ReadArguments(const std::vector<std::string>& arguments);

}  // namespace journeyfeed::cli
