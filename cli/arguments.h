// Parses the command line: the options of every command, and the command.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/failure.h"

namespace journeyfeed::cli {

struct Invocation {
  Options options;
  Action action;     // empty: only print `text`
  std::string text;  // of --help and --version
};

// Fails with a usage failure, which names options but never repeats values of columns.
Outcome<Invocation> ReadArguments(const std::vector<std::string>& arguments);

}  // namespace journeyfeed::cli
