// The commands. Each adds itself to the command line, and when it is the one that was given, leaves what to do.
#pragma once

#include <functional>
#include <optional>

#include "cli/channel.h"
#include "cli/failure.h"
#include "cli/output.h"
#include "cli/run.h"

namespace CLI {
class App;
}

namespace journeyfeed::cli {

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
void AddCreate(CLI::App& app, Action& action);
void AddRetrieve(CLI::App& app, Action& action);
void AddUpdate(CLI::App& app, Action& action);
void AddUpsert(CLI::App& app, Action& action);
void AddDelete(CLI::App& app, Action& action);
void AddWatch(CLI::App& app, Action& action);
void AddBulkDelete(CLI::App& app, Action& action);
void AddList(CLI::App& app, Action& action);
void AddExport(CLI::App& app, Action& action);
void AddImport(CLI::App& app, Action& action);
void AddCopy(CLI::App& app, Action& action);
void AddDescribe(CLI::App& app, Action& action);
void AddValidate(CLI::App& app, Action& action);
void AddGraph(CLI::App& app, Action& action);
void AddPublish(CLI::App& app, Action& action);
void AddStop(CLI::App& app, Action& action);

}  // namespace journeyfeed::cli
