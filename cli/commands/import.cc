#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "cli/commands/options.h"
#include "cli/import/importer.h"
#include "cli/output/number_text.h"
#include "storage/types.h"

namespace journeyfeed::cli {
namespace {

// Above the service's own limit, like a body of create.
constexpr std::size_t kLongestLine = std::size_t{32} << 20;

struct ImportArguments {
  std::string entity;
  std::string file;
  ImportOptions import;
};

// 0: unknown.
std::int64_t SizeOf(int file) {
  struct stat about {};
  return fstat(file, &about) == 0 && S_ISREG(about.st_mode) ? about.st_size : 0;
}

// How to do the rest later, and nothing twice.
std::string Resume(const ImportOptions& import, std::int64_t line) {
  return "continue with --from-line " + std::to_string(line) + " --run-id " + import.run_id +
         " and the other options unchanged; no line is executed twice";
}

Outcome<void> Judge(const Importer& importer, const ImportReport& report, const ImportOptions& import,
                    Outcome<void> ran, Outcome<void> told) {
  if (!ran) {
    if (const auto line = importer.first_open_line()) ran.error().action = Resume(import, *line);
    return ran;
  }
  const ImportTotals totals = report.totals();
  if (totals.failed == 0) return told;
  CommandFailure failure;
  failure.exit_code = report.exit_code().value_or(grpc::StatusCode::UNKNOWN);
  failure.message = Grouped(totals.failed) + " of " + Grouped(totals.lines) +
                    " lines were not imported; each one is listed with its number";
  failure.action = import.mode == ImportMode::kUpsert ? "Correct those lines and import the file again."
                                                      : "Correct those lines and import them alone.";
  return std::unexpected(std::move(failure));
}

Outcome<void> RunImport(const ImportArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  ImportOptions import = arguments.import;
  if (import.keep_created_on && import.mode != ImportMode::kCreate) {
    return std::unexpected(UsageFailure("--keep-created-on needs --mode create: only a new record has it set"));
  }
  if (import.run_id.empty()) import.run_id = Uuid::MakeV7().ToString();
  const FileDescriptor opened(arguments.file == "-" ? -1 : open(arguments.file.c_str(), O_RDONLY | O_CLOEXEC));
  if (arguments.file != "-" && opened.get() < 0) {
    return std::unexpected(FileFailure("cannot read " + arguments.file, errno));
  }
  const int input = opened.get() < 0 ? io.input : opened.get();
  OutputOptions output = options.output;
  output.format = options.FormatFor(io);
  RowProgress progress(*io.errors, io.errors_are_seen, "imported");
  ImportReport report(io.output, output, progress);
  LineReader lines(input, arguments.file == "-" ? "the standard input" : arguments.file, kLongestLine);
  Importer importer(client, options.connection, import, report);
  Outcome<void> ran = importer.Import(lines, SizeOf(input), io.termination());
  progress.Erase();
  Outcome<void> told = report.Finish(import.run_id);
  return Judge(importer, report, import, std::move(ran), std::move(told));
}

}  // namespace

void AddImport(Command& app, Action& action) {
  auto [command, arguments] =
      AddCommand<ImportArguments>(app, action, "import", "Store the records of JSON lines", RunImport);
  command.AddOption("FILE", arguments.file, "A record as Dataverse JSON on each line; - is the standard input")
      .Required()
      .TypeName("");
  AddChoice<ImportMode>(command, "--mode", "upsert (also over what exists) or create (only what does not)",
                        arguments.import.mode, {{"upsert", ImportMode::kUpsert}, {"create", ImportMode::kCreate}});
  command.AddFlag("--keep-created-on", arguments.import.keep_created_on,
                  "With --mode create: createdon stays, and overriddencreatedon says when it was imported");
  command.AddOption("--batch-rows", arguments.import.batch_rows, "Most lines of a call (200)").Range(1, 1000);
  command.AddOption("--in-flight", arguments.import.in_flight, "Calls at a time (4)").Range(1, 64);
  command.AddOption("--from-line", arguments.import.from_line, "Begin there: go on with an import that was cut short")
      .Positive();
  command
      .AddOption("--run-id", arguments.import.run_id,
                 "UUID of the run; with the same one for 24 hours no line is executed twice; a new one when not given")
      .Uuid();
}

}  // namespace journeyfeed::cli
