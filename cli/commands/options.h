// Options that several commands share.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/entity_client.h"
#include "cli/commands/command.h"
#include "cli/commands/command_line.h"
#include "cli/input/record_input.h"

namespace journeyfeed::cli {

// ENTITY
void AddEntity(Command& command, std::string& entity);

// ID --partition
struct KeyArguments {
  std::string id;
  std::optional<std::string> partition;
};
void AddKey(Command& command, KeyArguments& key);

// FILE|- --set; with `clear` also --clear
void AddRecord(Command& command, RecordArguments& record, bool clear);

// --request-id --return-representation
struct WriteArguments {
  std::string request_id;
  bool return_representation = false;
};
void AddRequestId(Command& command, WriteArguments& write);
void AddReturnRepresentation(Command& command, WriteArguments& write);

// --columns a,b
void AddColumns(Command& command, std::vector<std::string>& columns);
google::protobuf::FieldMask MaskOf(const std::vector<std::string>& columns);

// --filter F
CommandOption AddFilter(Command& command, std::string& filter);

// --partition P or --partition-id P: only its records
void AddPartition(Command& command, std::optional<std::string>& partition);
Outcome<void> CheckPartition(const dictionary::Entity& entity, const std::optional<std::string>& partition);

// An optional duration ("250ms", "10s"; a bare number is seconds).
void AddDuration(Command& command, const std::string& name, const std::string& help, std::chrono::milliseconds& value);

// An optional choice among a few words.
template <typename Value>
void AddChoice(Command& command, const std::string& name, const std::string& help, Value& value,
               const std::map<std::string, Value>& choices) {
  std::string words;
  for (const auto& [word, chosen] : choices) words += (words.empty() ? "" : "|") + word;
  command
      .AddOption(
          name, [choices, &value](const std::string& text) { value = choices.at(text); }, help)
      .Check(
          [choices, words](const std::string& text) { return choices.contains(text) ? "" : "must be one of " + words; })
      .TypeName(words);
}

template <typename Arguments>
struct AddedCommand {
  Command command;
  Arguments& arguments;  // must live as long as the action
};

// Adds a command that works on any entity: `run` gets a client for the entity that ENTITY names.
template <typename Arguments>
AddedCommand<Arguments> AddCommand(Command& app, Action& action, const char* name, const char* help,
                                   Outcome<void> (*run)(const Arguments&, EntityClient&, const Options&, Io&)) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = app.AddSubcommand(name, help);
  AddEntity(command, arguments->entity);
  command.OnGiven([arguments, run, &action] {
    action = [arguments, run](const Options& options, Io& io) {
      const auto client = MakeEntityClient(arguments->entity, Connect(options.connection.address));
      return run(*arguments, *client, options, io);
    };
  });
  return {command, *arguments};
}

// Adds a command without ENTITY.
template <typename Arguments>
AddedCommand<Arguments> AddCommand(Command& app, Action& action, const char* name, const char* help,
                                   Outcome<void> (*run)(const Arguments&, const Options&, Io&)) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = app.AddSubcommand(name, help);
  command.OnGiven([arguments, run, &action] {
    action = [arguments, run](const Options& options, Io& io) { return run(*arguments, options, io); };
  });
  return {command, *arguments};
}

}  // namespace journeyfeed::cli
