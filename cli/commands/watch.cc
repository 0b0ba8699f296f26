#include "cli/client/watch_stats.h"
#include "cli/client/watcher.h"
#include "cli/commands/options.h"
#include "cli/input/file_io.h"

namespace journeyfeed::cli {
namespace {

struct WatchArguments {
  std::string entity;
  std::string token_file;
  std::string token;
  bool no_follow = false;
  bool skip_initial_load = false;
  std::vector<std::string> columns;
  std::optional<std::string> partition;
  std::int64_t max_changes = 0;
  std::chrono::milliseconds progress_interval{};
  entity::v1::OnExpired on_expired = entity::v1::ON_EXPIRED_FAIL;
  bool all = false;
  bool stats = false;
};

ChangeRequest MakeRequest(const WatchArguments& arguments, std::string token) {
  ChangeRequest request{.columns = MaskOf(arguments.columns),
                        .partition_id = arguments.partition,
                        .follow = !arguments.no_follow,
                        .max_changes = arguments.max_changes,
                        .on_expired = arguments.on_expired};
  request.skip_initial_load = arguments.skip_initial_load && token.empty();
  request.data_version = std::move(token);
  if (arguments.progress_interval.count() > 0) request.progress_interval = arguments.progress_interval;
  return request;
}

// The token to start with.
Outcome<std::string> Place(const WatchArguments& arguments, const std::optional<TokenFile>& file) {
  if (!file) return arguments.token;
  Outcome<std::string> kept = file->Load();
  if (!kept || arguments.token.empty()) return kept;
  if (!kept->empty()) return std::unexpected(UsageFailure("--token: the token file holds a token already"));
  return arguments.token;
}

Outcome<void> CheckOutput(const WatchArguments& arguments, const Options& options) {
  if (arguments.stats && (arguments.all || !arguments.token_file.empty())) {
    return std::unexpected(UsageFailure("--stats prints no changes, so it takes neither --all nor --token-file"));
  }
  if (options.output.pretty || (options.output.format == Format::kTable && !arguments.stats)) {
    return std::unexpected(UsageFailure("watch prints one JSON object a line, neither --output table nor --pretty"));
  }
  return {};
}

Outcome<void> RunWatch(const WatchArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  if (auto good = CheckOutput(arguments, options); !good) return good;
  if (arguments.partition && !client.entity().elastic) {
    return std::unexpected(UsageFailure("--partition: " + client.entity().logical_name + " has no partitions"));
  }
  std::optional<TokenFile> file;
  if (!arguments.token_file.empty()) file.emplace(arguments.token_file);
  Outcome<std::string> token = Place(arguments, file);
  if (!token) return std::unexpected(token.error());

  LineOutput lines(io.output);
  if (arguments.stats) {
    const StatsOutput output{.lines = lines, .notices = *io.errors, .format = options.FormatFor(io)};
    return WatchStats(client, options.connection, MakeRequest(arguments, std::move(*token)), output, io.termination());
  }
  LoadProgress progress(io.show_progress ? io.errors : nullptr);
  const WatchOutput output{.lines = lines,
                           .progress = progress,
                           .notices = *io.errors,
                           .tokens = file ? &*file : nullptr,
                           .all_messages = arguments.all};
  Watcher watcher(client, options.connection, MakeRequest(arguments, std::move(*token)), output);
  return watcher.Watch(io.termination());
}

void AddPlace(Command& command, WatchArguments& arguments) {
  command.AddOption("--token-file", arguments.token_file,
                    "Keeps the place between runs: goes on from its token, saves the new one");
  command.AddOption("--token", arguments.token, "Go on after this token");
  command.AddFlag("--skip-initial-load", arguments.skip_initial_load,
                  "Without a token: begin with the next change instead of all records");
  AddChoice<entity::v1::OnExpired>(
      command, "--on-expired", "When the token is too old: fail, or load again after a line {\"change\":\"resync\"}",
      arguments.on_expired, {{"fail", entity::v1::ON_EXPIRED_FAIL}, {"resync", entity::v1::ON_EXPIRED_RESYNC}});
}

}  // namespace

void AddWatch(Command& app, Action& action) {
  auto [command, arguments] =
      AddCommand<WatchArguments>(app, action, "watch", "Print records and what changes, a JSON line each", RunWatch);
  AddPlace(command, arguments);
  AddColumns(command, arguments.columns);
  command.AddOption("--partition", arguments.partition, "Only this partition of the sessions");
  command.AddFlag("--no-follow", arguments.no_follow, "End at the newest change");
  command.AddOption("--max-changes", arguments.max_changes, "End after so many changes").Positive();
  AddDuration(command, "--progress-interval", "Time without a message after which the service tells its progress",
              arguments.progress_interval);
  command.AddFlag("--stats", arguments.stats,
                  "No changes: once a second how many there are, how far behind, how often reconnected");
  command.AddFlag("--all", arguments.all, "After each message a line with its progress and its token");
}

}  // namespace journeyfeed::cli
