#include "cli/mirror/mirror.h"

#include "cli/commands/options.h"
#include "cli/mirror/mirror_database.h"

namespace journeyfeed::cli {
namespace {

struct MirrorArguments {
  std::string entity;
  std::string target;
  std::string table;
  std::vector<std::string> columns;
  std::optional<std::string> partition;
  bool no_follow = false;
  bool reload = false;
};

Outcome<void> RunMirror(const MirrorArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  if (auto good = CheckPartition(client.entity(), arguments.partition); !good) return good;
  const auto table = MakeMirrorTable(client.entity(), arguments.columns, arguments.partition, arguments.table);
  if (!table) return std::unexpected(table.error());
  const std::stop_token stop = io.termination();
  const auto database = MakeMirrorDatabase(arguments.target, stop);
  if (!database) return std::unexpected(database.error());
  MirrorStore store(**database, *table);
  LoadProgress progress(io.errors_are_seen ? io.errors : nullptr);
  Mirror mirror(client, options.connection, *table, store, {.progress = progress, .notices = *io.errors});
  return mirror.Run(!arguments.no_follow, arguments.reload, stop);
}

}  // namespace

void AddMirror(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<MirrorArguments>(
      app, action, "mirror", "Keep a table of SQLite or PostgreSQL equal to the records", RunMirror);
  command
      .AddOption("TARGET", arguments.target,
                 "sqlite:FILE, or postgres:URL (postgres:'host=db dbname=copy', postgresql://db/copy)")
      .Required()
      .TypeName("");
  command.AddOption("--table", arguments.table, "Table in the target; the entity's own name when not given");
  AddColumns(command, arguments.columns);
  AddPartition(command, arguments.partition);
  command.AddFlag("--no-follow", arguments.no_follow, "End at the newest change");
  command.AddFlag("--reload", arguments.reload, "Load everything again, then remove what is gone");
}

}  // namespace journeyfeed::cli
