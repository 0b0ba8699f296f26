// Runs programs by fork and exec of an argument list, never through a shell.
#pragma once

#include <string>
#include <vector>

#include "storage/embedded/os_user.h"
#include "storage/embedded/process.h"
#include "storage/failure.h"

namespace journeyfeed::embedded {

struct Command {
  std::vector<std::string> argv;       // argv[0] is the absolute path of the program
  OsUser user;                         // only root can name another user than its own
  int death_signal = 0;                // sent when the thread that started it ends, so also when this process is killed
  char* const* environment = nullptr;  // a small fixed one unless set
};

// Starts the command in a new session (setsid), in directory /, with default signal handling and /dev/null as input.
// `output` (a file descriptor) takes stdout and stderr. A program that cannot be executed is an error.
Result<Process> Spawn(const Command& command, int output);

struct Outcome {
  int exit_code = 0;
  std::string output;  // stdout and stderr; only the end of a long output
};

// Runs the command until it ends. At the deadline it kills the whole session and returns an error.
Result<Outcome> RunCommand(const Command& command, Clock::time_point deadline);

}  // namespace journeyfeed::embedded
