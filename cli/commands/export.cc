#include <cerrno>

#include "cli/client/pages.h"
#include "cli/commands/options.h"
#include "cli/input/whole_file.h"
#include "cli/output/number_text.h"
#include "cli/output/row_progress.h"
#include "storage/dictionary/dataverse_json.h"

namespace journeyfeed::cli {
namespace {

struct ExportArguments {
  std::string entity;
  std::string file = "-";
  std::string filter;
  std::vector<std::string> columns;
  std::optional<std::string> partition;
};

// The destination of the lines: a whole file, or the standard output.
class Sink {
 public:
  static Outcome<Sink> Open(const std::string& path, int standard_output) {
    if (path == "-") return Sink(std::nullopt, standard_output);
    auto file = WholeFile::Open(path);
    if (!file) return std::unexpected(file.error());
    return Sink(std::move(*file), -1);
  }

  Outcome<void> Write(std::string_view text) {
    if (file_) return file_->Write(text);
    const int error = WriteAll(output_, text);
    if (error == EPIPE) return std::unexpected(ReaderGone());
    if (error != 0) return std::unexpected(FileFailure("cannot write the standard output", error));
    return {};
  }

  Outcome<void> Commit() { return file_ ? file_->Commit() : LineOutput(output_).Sync(); }

 private:
  Sink(std::optional<WholeFile> file, int output) : file_(std::move(file)), output_(output) {}

  std::optional<WholeFile> file_;
  int output_;
};

std::string Lines(const dictionary::Entity& entity, const QueryPage& page) {
  std::string text;
  for (const auto& record : page.records) text += dictionary::ToDataverseJson(entity, *record) + "\n";
  return text;
}

Outcome<void> RunExport(const ExportArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  if (options.output.format == Format::kTable || options.output.pretty) {
    return std::unexpected(UsageFailure("export writes one JSON object a line, neither --output table nor --pretty"));
  }
  if (auto checked = CheckPartition(client.entity(), arguments.partition); !checked) return checked;
  auto sink = Sink::Open(arguments.file, io.output);
  if (!sink) return std::unexpected(sink.error());
  const std::stop_token stop = io.termination();
  RowProgress progress(*io.errors, io.errors_are_seen, "exported");
  const bool shown = arguments.file != "-" || io.columns == 0;  // else the progress would stand among the records
  Pages pages(client, options.connection,
              {.filter = arguments.filter, .columns = MaskOf(arguments.columns), .partition_id = arguments.partition});
  std::int64_t rows = 0;
  while (pages.HasNext()) {
    if (stop.stop_requested()) {
      return std::unexpected(Interrupted("interrupted after " + Grouped(rows) + " records: the export is incomplete"));
    }
    const auto page = pages.Next();
    if (!page) return std::unexpected(page.error());
    if (auto written = sink->Write(Lines(client.entity(), *page)); !written) return written;
    rows += static_cast<std::int64_t>(page->records.size());
    if (shown) progress.Show(rows);
  }
  return sink->Commit();
}

}  // namespace

void AddExport(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<ExportArguments>(
      app, action, "export", "Write records as JSON lines, in order of their keys", RunExport);
  command.AddOption("FILE", arguments.file, "Replaced when the export is complete; - is the standard output")
      .TypeName("");
  AddFilter(command, arguments.filter);
  AddColumns(command, arguments.columns);
  AddPartition(command, arguments.partition);
}

}  // namespace journeyfeed::cli
