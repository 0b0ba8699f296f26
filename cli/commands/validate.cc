#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands/command.h"
#include "cli/file_io.h"
#include "cli/journey_check.h"
#include "cli/journey_file.h"

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
  Failure faults;
  faults.exit_code = kFaultsExit;
  faults.silent = true;  // they are the output
  return std::unexpected(faults);
}

}  // namespace

void AddValidate(CLI::App& app, Action& action) {
  const auto arguments = std::make_shared<ValidateArguments>();
  CLI::App* command =
      app.add_subcommand("validate", "Check a journey that is not stored; exit code 65 when it cannot go live");
  command
      ->add_option("FILE", arguments->file,
                   "A journey as Dataverse JSON, or the body of CustomerJourneyValidate; - is the standard input")
      ->required();
  command->add_flag("--local", arguments->local, "By the rules of this program, without a service");
  command->add_flag("--json", arguments->json, "Print the result as Dataverse answers it");
  command->callback([arguments, &action] {
    action = [arguments](const Options& options, Io& io) { return RunValidate(*arguments, options, io); };
  });
}

}  // namespace journeyfeed::cli
