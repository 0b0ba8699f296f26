#include "cli/commands/command_line.h"

#include <CLI/CLI.hpp>

#include "storage/types.h"

namespace journeyfeed::cli {
namespace {

// CLI11 lists unexpected arguments verbatim, and those may be a part of a column's value.
CommandFailure Unexpected(const CLI::App& app) {
  std::string names;
  for (const std::string& argument : app.remaining(/*recurse=*/true)) {
    if (argument.starts_with("--")) names += " " + argument.substr(0, argument.find('='));
  }
  if (app.get_subcommands().empty()) return UsageFailure("there is no such command");
  return UsageFailure(names.empty() ? "too many arguments (does a value need quotes?)" : "unknown option" + names);
}

}  // namespace

CommandOption& CommandOption::Required() {
  option_->required();
  return *this;
}

CommandOption& CommandOption::TypeName(const std::string& name) {
  option_->type_name(name);
  return *this;
}

CommandOption& CommandOption::Check(std::function<std::string(const std::string&)> check) {
  option_->check(std::move(check));
  return *this;
}

CommandOption& CommandOption::Uuid() {
  option_->check(CLI::Validator([](std::string& text) { return Uuid::Parse(text) ? "" : "must be a UUID"; }, "UUID"));
  return *this;
}

CommandOption& CommandOption::Range(std::int64_t lowest, std::int64_t highest) {
  option_->check(CLI::Range(lowest, highest));
  return *this;
}

CommandOption& CommandOption::Positive() {
  option_->check(CLI::PositiveNumber);
  return *this;
}

CommandOption& CommandOption::Excludes(const CommandOption& other) {
  option_->excludes(other.option_);
  return *this;
}

CommandOption& CommandOption::Delimiter(char delimiter) {
  option_->delimiter(delimiter);
  return *this;
}

CommandOption& CommandOption::OneValue() {
  option_->allow_extra_args(false);
  return *this;
}

CommandOption& CommandOption::DefaultFrom(const std::string& variable) {
  option_->envname(variable)->capture_default_str();
  return *this;
}

Command Command::AddSubcommand(const std::string& name, const std::string& help) {
  return Command(*app_->add_subcommand(name, help)->fallthrough());
}

void Command::OnGiven(std::function<void()> action) { app_->callback(std::move(action)); }

CommandOption Command::AddOption(const std::string& names, std::string& value, const std::string& help) {
  return CommandOption(*app_->add_option(names, value, help));
}

CommandOption Command::AddOption(const std::string& names, std::optional<std::string>& value, const std::string& help) {
  return CommandOption(*app_->add_option(names, value, help));
}

CommandOption Command::AddOption(const std::string& names, std::vector<std::string>& value, const std::string& help) {
  return CommandOption(*app_->add_option(names, value, help));
}

CommandOption Command::AddOption(const std::string& names, int& value, const std::string& help) {
  return CommandOption(*app_->add_option(names, value, help));
}

CommandOption Command::AddOption(const std::string& names, std::size_t& value, const std::string& help) {
  return CommandOption(*app_->add_option(names, value, help));
}

CommandOption Command::AddOption(const std::string& names, std::int64_t& value, const std::string& help) {
  return CommandOption(*app_->add_option(names, value, help));
}

CommandOption Command::AddOption(const std::string& names, std::optional<std::int64_t>& value,
                                 const std::string& help) {
  return CommandOption(*app_->add_option(names, value, help));
}

CommandOption Command::AddOption(const std::string& names, std::function<void(const std::string&)> take,
                                 const std::string& help) {
  return CommandOption(*app_->add_option_function<std::string>(names, std::move(take), help));
}

CommandOption Command::AddFlag(const std::string& names, bool& value, const std::string& help) {
  return CommandOption(*app_->add_flag(names, value, help));
}

CommandLine::CommandLine(const std::string& name, const std::string& help, const std::string& footer,
                         const std::string& version)
    : app_(std::make_unique<CLI::App>(help, name)), root_(*app_) {
  app_->footer(footer);
  app_->set_version_flag("--version", version);
}

CommandLine::~CommandLine() = default;

Outcome<std::optional<std::string>> CommandLine::Parse(const std::vector<std::string>& arguments) {
  try {
    app_->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return app_->help();
  } catch (const CLI::CallForVersion& version) {
    return version.what();
  } catch (const CLI::ExtrasError&) {
    return std::unexpected(Unexpected(*app_));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(UsageFailure(error.what()));
  }
  return std::nullopt;
}

}  // namespace journeyfeed::cli
