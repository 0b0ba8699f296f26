#include <memory>

#include "cli/commands/options.h"
#include "cli/input/file_io.h"
#include "cli/journey/journey_check.h"
#include "cli/journey/journey_file.h"

namespace journeyfeed::cli {
namespace {

struct ValidateArguments {
  std::string file;
  bool local = false;
  bool json = false;
};

Outcome<void> RunValidate(const ValidateArguments& arguments, const Options& options, Io& io) {
  const auto journey = ReadJourneyFile(arguments.file, io.input);
  if (!journey) return std::unexpected(journey.error());
  const auto checked =
      arguments.local ? Outcome<CheckedJourney>(CheckHere(*journey)) : CheckByService(options.connection, *journey);
  if (!checked) return std::unexpected(checked.error());
  const auto written = LineOutput(io.output).Write(arguments.json ? checked->text : FaultText(checked->result));
  if (!written || checked->result.passed()) return written;
  CommandFailure faults;
  faults.exit_code = kFaultsExit;
  faults.silent = true;  // they are the output
  return std::unexpected(faults);
}

}  // namespace

void AddValidate(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<ValidateArguments>(
      app, action, "validate", "Check a journey that is not stored; exit code 65 when it cannot go live", RunValidate);
  command
      .AddOption("FILE", arguments.file,
                 "A journey as Dataverse JSON, or the body of CustomerJourneyValidate; - is the standard input")
      .Required();
  command.AddFlag("--local", arguments.local, "By the rules of this program, without a service");
  command.AddFlag("--json", arguments.json, "Print the result as Dataverse answers it");
}

}  // namespace journeyfeed::cli
