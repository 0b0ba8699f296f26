// The commands. Each adds itself to the command line; the command that is given sets the action.
#pragma once

#include <functional>
#include <optional>

#include "cli/client/channel.h"
#include "cli/failure.h"
#include "cli/output/output.h"
#include "cli/run.h"

namespace journeyfeed::cli {

class Command;

// The options of every command.
struct Options {
  Connection connection;
  OutputOptions output;
  std::optional<Format> asked_format = {};  // as given; without it output.format is JSON

  // The format of commands that print tables on a terminal.
  Format FormatFor(const Io& io) const {
    return asked_format.value_or(io.columns > 0 && !output.pretty ? Format::kTable : Format::kJson);
  }
};

using Action = std::function<Outcome<void>(const Options& options, Io& io)>;

// Parsing the command line sets `action`, which owns what it needs.
void AddCreate(Command& app, Action& action);
void AddRetrieve(Command& app, Action& action);
void AddUpdate(Command& app, Action& action);
void AddUpsert(Command& app, Action& action);
void AddDelete(Command& app, Action& action);
void AddWatch(Command& app, Action& action);
void AddMirror(Command& app, Action& action);
void AddBulkDelete(Command& app, Action& action);
void AddList(Command& app, Action& action);
void AddExport(Command& app, Action& action);
void AddImport(Command& app, Action& action);
void AddCopy(Command& app, Action& action);
void AddDescribe(Command& app, Action& action);
void AddValidate(Command& app, Action& action);
void AddGraph(Command& app, Action& action);
void AddPublish(Command& app, Action& action);
void AddStop(Command& app, Action& action);

}  // namespace journeyfeed::cli
