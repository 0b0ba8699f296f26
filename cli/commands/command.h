// The commands. Each adds itself to the command line, and when it is the one that was given, leaves what to do.
#pragma once

#include <functional>
#include <optional>

#include "cli/channel.h"
#include "cli/failure.h"
#include "cli/output.h"
#include "cli/run.h"

namespace journeyfeed::cli {

class Command;

// What holds for every command.
struct Options {
  Connection connection;
  OutputOptions output;
  std::optional<Format> asked_format = {};  // as it was given; output.format is JSON without it

  // Of the commands that print for people when a terminal is there.
  Format FormatFor(const Io& io) const {
    return asked_format.value_or(io.columns > 0 && !output.pretty ? Format::kTable : Format::kJson);
  }
};

using Action = std::function<Outcome<void>(const Options& options, Io& io)>;

// `action` is set while the command line is parsed; it keeps what it needs.
void AddCreate(Command& app, Action& action);
void AddRetrieve(Command& app, Action& action);
void AddUpdate(Command& app, Action& action);
void AddUpsert(Command& app, Action& action);
void AddDelete(Command& app, Action& action);
void AddWatch(Command& app, Action& action);
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
