// journeyctl without its process: everything that main.cc and the tests share.
#pragma once

#include <functional>
#include <ostream>
#include <stop_token>
#include <string>
#include <vector>

namespace journeyfeed::cli {

// What a command may use of its process.
struct Io {
  int input = 0;   // file descriptors
  int output = 1;  // SIGPIPE must be ignored: writing to a pipe without a reader must return EPIPE
  std::ostream* errors = nullptr;
  bool show_progress = false;    // `errors` is a terminal and `output` is not
  bool errors_are_seen = false;  // `errors` is a terminal
  int columns = 0;               // width of the terminal of `output`; 0: not a terminal
  // A command that can end in order calls it at most once: from then on SIGINT and SIGTERM request a stop.
  std::function<std::stop_token()> termination;
};

// Runs one command line (`arguments` without the program's name) and returns the exit code: 0, the number of the
// error's gRPC code, 64 for a wrong command line, 74 for unusable files. Errors go to io.errors.
int RunCommandLine(const std::vector<std::string>& arguments, Io& io);

}  // namespace journeyfeed::cli
