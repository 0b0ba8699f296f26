#include "cli/run.h"

#include "cli/arguments.h"
#include "cli/input/file_io.h"
#include "cli/output/error_text.h"

namespace journeyfeed::cli {
namespace {

Outcome<void> Execute(const std::vector<std::string>& arguments, Io& io) {
  const auto invocation = ReadArguments(arguments);
  if (!invocation) return std::unexpected(invocation.error());
  if (!invocation->action) return LineOutput(io.output).Write(invocation->text);
  return invocation->action(invocation->options, io);
}

}  // namespace

int RunCommandLine(const std::vector<std::string>& arguments, Io& io) {
  const Outcome<void> done = Execute(arguments, io);
  if (done) return 0;
  *io.errors << ErrorText(done.error()) << std::flush;
  return done.error().exit_code;
}

}  // namespace journeyfeed::cli
