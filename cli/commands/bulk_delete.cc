#include "cli/client/bulk_deleter.h"
#include "cli/commands/options.h"
#include "cli/input/file_io.h"
#include "cli/output/number_text.h"

namespace journeyfeed::cli {
namespace {

struct BulkDeleteArguments {
  std::string entity;
  BulkDeleteRequest request;
};

std::string TotalsText(const BulkDeleteTotals& totals, bool dry_run, Format format) {
  if (format == Format::kTable) {
    return Grouped(totals.deleted) + (dry_run ? " records would be deleted" : " records deleted");
  }
  return "{\"deleted_count\":" + std::to_string(totals.deleted) + ",\"failed_count\":" + std::to_string(totals.failed) +
         ",\"dry_run\":" + (dry_run ? "true}" : "false}");
}

// For a service that reports it only as a count.
CommandFailure KeptChanging(std::int64_t count) {
  CommandFailure failure;
  failure.exit_code = grpc::StatusCode::ABORTED;
  failure.message = Grouped(count) + " records kept changing and were left";
  failure.action = "Run it again when they no longer change.";
  return failure;
}

Outcome<void> RunBulkDelete(const BulkDeleteArguments& arguments, EntityClient& client, const Options& options,
                            Io& io) {
  const BulkDeleteRequest& request = arguments.request;
  if (request.filter.empty() && !request.all) {
    return std::unexpected(UsageFailure("say which records: --filter CONDITION, or --all"));
  }
  if (auto checked = CheckPartition(client.entity(), request.partition_id); !checked) return checked;
  RowProgress progress(*io.errors, io.errors_are_seen, request.dry_run ? "found" : "deleted");
  BulkDeleter deleter(client, options.connection, request, progress);
  const auto totals = deleter.DeleteAll(io.termination());
  progress.Erase();
  if (!totals) return std::unexpected(totals.error());
  const auto written = LineOutput(io.output).Write(TotalsText(*totals, request.dry_run, options.FormatFor(io)));
  if (written && totals->failed > 0) return std::unexpected(totals->why_left.value_or(KeptChanging(totals->failed)));
  return written;
}

}  // namespace

void AddBulkDelete(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<BulkDeleteArguments>(
      app, action, "bulk-delete", "Remove the records that a filter selects", RunBulkDelete);
  const CommandOption filter = AddFilter(command, arguments.request.filter);
  command.AddFlag("--all", arguments.request.all, "Every record (of the partition)").Excludes(filter);
  AddPartition(command, arguments.request.partition_id);
  command.AddFlag("--dry-run", arguments.request.dry_run, "Delete nothing, say how many it would be");
}

}  // namespace journeyfeed::cli
