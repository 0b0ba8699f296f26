// A command and its options, as thin handles over CLI11. Only command_line.cc includes CLI11, whose headers take 15 s
// to compile in every file. Handles are small and copied; what they refer to lives as long as the CommandLine. Parsing
// writes the values, which must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/failure.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace journeyfeed::cli {

class CommandOption {
 public:
  explicit CommandOption(CLI::Option& option) : option_(&option) {}

  CommandOption& Required();
  // What --help shows for the value.
  CommandOption& TypeName(const std::string& name);
  // `check` returns the problem of a value, or "".
  CommandOption& Check(std::function<std::string(const std::string&)> check);
  // Accepts upper case and braces.
  CommandOption& Uuid();
  CommandOption& Range(std::int64_t lowest, std::int64_t highest);
  CommandOption& Positive();
  CommandOption& Excludes(const CommandOption& other);
  // Allows several values in one argument.
  CommandOption& Delimiter(char delimiter);
  // Takes one value each time it is given, so that the next argument is not taken for another value.
  CommandOption& OneValue();
  // The environment variable that replaces the default; --help shows it.
  CommandOption& DefaultFrom(const std::string& variable);

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  Command AddSubcommand(const std::string& name, const std::string& help);
  // Runs after the whole command line is parsed, if this command is the one that was given.
  void OnGiven(std::function<void()> action);

  // `names`: "--name,--other" or "POSITIONAL".
  CommandOption AddOption(const std::string& names, std::string& value, const std::string& help);
  CommandOption AddOption(const std::string& names, std::optional<std::string>& value, const std::string& help);
  CommandOption AddOption(const std::string& names, std::vector<std::string>& value, const std::string& help);
  CommandOption AddOption(const std::string& names, int& value, const std::string& help);
  CommandOption AddOption(const std::string& names, std::size_t& value, const std::string& help);
  CommandOption AddOption(const std::string& names, std::int64_t& value, const std::string& help);
  CommandOption AddOption(const std::string& names, std::optional<std::int64_t>& value, const std::string& help);
  // `take` gets a value that passed the option's checks.
  CommandOption AddOption(const std::string& names, std::function<void(const std::string&)> take,
                          const std::string& help);
  CommandOption AddFlag(const std::string& names, bool& value, const std::string& help);

 private:
  CLI::App* app_;
};

// The program's command line.
class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& help, const std::string& footer, const std::string& version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command& root() { return root_; }

  // Returns what to print instead of running a command: the text of --help or --version. Fails with a usage failure,
  // which names options but never repeats values. The program's options may also follow a command.
  Outcome<std::optional<std::string>> Parse(const std::vector<std::string>& arguments);

 private:
  const std::unique_ptr<CLI::App> app_;
  Command root_;
};

}  // namespace journeyfeed::cli
