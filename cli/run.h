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
  int output = 1;  // writing to a pipe without a reader must answer EPIPE: SIGPIPE ignored
  std::ostream* errors = nullptr;
  bool show_progress = false;    // `errors` is a terminal and `output` is not
  bool errors_are_seen = false;  // `errors` is a terminal
  int columns = 0;               // width of the terminal that `output` is; 0: it is none
  // Called at most once, by a command that ends in order when it is asked to: from then on SIGINT and SIGTERM ask.
  std::function<std::stop_token()> termination;
};

// Runs one command line (`arguments` without the program's name) and returns the exit code: 0, the number of the gRPC
// code of the error, 64 for a wrong command line, 74 for files that cannot be used. Errors are told on io.errors.
int Run(const std::vector<std::string>& arguments, Io& io);

}  // namespace journeyfeed::cli
