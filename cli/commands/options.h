// Options that several commands have.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/entity.h"
#include "cli/record_input.h"

namespace journeyfeed::cli {

// A UUID, upper case and braces accepted.
CLI::Validator IsUuid();

// ENTITY
void AddEntity(CLI::App& command, std::string& entity);

// ID --partition
struct KeyArguments {
  std::string id;
  std::optional<std::string> partition;
};
void AddKey(CLI::App& command, KeyArguments& key);

// FILE|- --set; `clear`: --clear too
void AddRecord(CLI::App& command, RecordArguments& record, bool clear);

// --request-id --return-representation
struct WriteArguments {
  std::string request_id;
  bool return_representation = false;
};
void AddRequestId(CLI::App& command, WriteArguments& write);
void AddReturnRepresentation(CLI::App& command, WriteArguments& write);

// --columns a,b
void AddColumns(CLI::App& command, std::vector<std::string>& columns);
google::protobuf::FieldMask MaskOf(const std::vector<std::string>& columns);

// --filter F
void AddFilter(CLI::App& command, std::string& filter);

// --partition P, also --partition-id: only records of it
void AddPartition(CLI::App& command, std::optional<std::string>& partition);
Outcome<void> CheckPartition(const dictionary::Entity& entity, const std::optional<std::string>& partition);

// An option that may be absent, or a duration ("250ms", "10s"; a number alone is seconds).
void AddDuration(CLI::App& command, const std::string& name, const std::string& help, std::chrono::milliseconds& value);

// An option that may be absent, or one of a few words.
template <typename Value>
void AddChoice(CLI::App& command, const std::string& name, const std::string& help, Value& value,
               const std::map<std::string, Value>& choices) {
  std::string words;
  for (const auto& [word, chosen] : choices) words += (words.empty() ? "" : "|") + word;
  command
      .add_option_function<std::string>(
          name, [choices, &value](const std::string& text) { value = choices.at(text); }, help)
      ->check(
          [choices, words](const std::string& text) { return choices.contains(text) ? "" : "must be one of " + words; })
      ->type_name(words);
}

// Adds a command whose arguments live as long as its action. `run` gets them, the client of the entity that they name,
// the options and the process.
template <typename Arguments>
Arguments& AddCommand(CLI::App& app, Action& action, const char* name, const char* help, CLI::App*& command,
                      Outcome<void> (*run)(const Arguments&, EntityClient&, const Options&, Io&)) {
  const auto arguments = std::make_shared<Arguments>();
  command = app.add_subcommand(name, help);
  AddEntity(*command, arguments->entity);
  command->callback([arguments, run, &action] {
    action = [arguments, run](const Options& options, Io& io) {
      const auto client = MakeEntityClient(arguments->entity, Connect(options.connection.address));
      return run(*arguments, *client, options, io);
    };
  });
  return *arguments;
}

}  // namespace journeyfeed::cli
