#include "services/settings.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "services/settings_table.h"

namespace journeyfeed {
namespace {

using Problems = std::vector<std::string>;
using Action = Invocation::Action;

constexpr std::string_view kPrefix = "JOURNEYFEED_";
constexpr std::string_view kOpenHistory = "--open-history";
constexpr std::string_view kTokenKeys = "--token-keys";

// A value as given, and its origin.
struct Given {
  std::string text;
  std::string origin;
};

// Given values by flag.
using GivenValues = std::map<std::string, Given, std::less<>>;

const SettingRow* FindRow(std::string_view flag) {
  const auto rows = SettingRows();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const SettingRow& row) { return row.flag == flag; });
  return found == rows.end() ? nullptr : &*found;
}

// Whether `argument` is the flag of an action, with or without "=" and a text.
bool IsFlag(std::string_view argument, std::string_view flag) {
  return argument.starts_with(flag) && (argument.size() == flag.size() || argument[flag.size()] == '=');
}

std::string TextOf(std::string_view argument, std::string_view flag) {
  return std::string(argument.substr(std::min(argument.size(), flag.size() + 1)));
}

std::optional<Action> ParseAction(std::string_view argument) {
  if (argument == "--help" || argument == "-h") return Action::kHelp;
  if (argument == "--version") return Action::kVersion;
  if (argument == "--print-config") return Action::kPrintConfig;
  if (IsFlag(argument, kOpenHistory)) return Action::kOpenHistory;
  if (IsFlag(argument, kTokenKeys)) return Action::kTokenKeys;
  return std::nullopt;
}

// For a Service named journeyfeed…, Kubernetes gives every container of the namespace variables such as
// JOURNEYFEED_SERVICE_HOST, JOURNEYFEED_PORT=tcp://… and JOURNEYFEED_PORT_50051_TCP_ADDR.
bool IsKubernetesVariable(std::string_view name, std::string_view value) {
  if (name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != name.npos) return true;
  const auto port = name.rfind("_PORT_");
  if (port != name.npos && port + 6 < name.size() && name[port + 6] >= '0' && name[port + 6] <= '9') return true;
  // …_PORT_50051_TCP_PORT
  if (name.ends_with("_TCP_PORT") || name.ends_with("_UDP_PORT")) return true;
  return name.ends_with("_PORT") && value.find("://") != value.npos;
}

void ReadEnvironment(const Environment& environment, GivenValues& given, Problems& problems) {
  std::map<std::string, std::string_view> flags;
  for (const SettingRow& row : SettingRows()) flags.emplace(VariableName(row.flag), row.flag);
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix)) continue;
    const auto found = flags.find(name);
    if (found != flags.end()) {
      given.insert_or_assign(std::string(found->second), Given{value, "environment " + name});
    } else if (!IsKubernetesVariable(name, value)) {
      problems.push_back("unknown environment variable " + name);
    }
  }
}

void ReadArguments(const std::vector<std::string>& arguments, Invocation& invocation, GivenValues& given,
                   Problems& problems) {
  GivenValues flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (const auto asked = ParseAction(argument)) {
      invocation.action = *asked;
      if (asked == Action::kOpenHistory) invocation.database = TextOf(argument, kOpenHistory);
      if (asked == Action::kTokenKeys) invocation.key_change = TextOf(argument, kTokenKeys);
      continue;
    }
    const auto equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const bool next = equals == argument.npos && i + 1 < arguments.size() && !arguments[i + 1].starts_with("--");
    const SettingRow* row = name.starts_with("--") ? FindRow(std::string_view(name).substr(2)) : nullptr;
    if (!row) {
      problems.push_back((name.starts_with("-") ? "unknown flag " : "unexpected argument ") + name);
      if (next && name.starts_with("--")) ++i;  // presumably its value
      continue;
    }
    if (equals == argument.npos && !next) {
      problems.push_back(name + ": a value is missing");
      continue;
    }
    const std::string value = next ? arguments[++i] : argument.substr(equals + 1);
    if (!flags.emplace(row->flag, Given{value, "flag " + name}).second) problems.push_back(name + ": given twice");
  }
  for (auto& [flag, value] : flags) given.insert_or_assign(flag, std::move(value));
}

void Apply(const GivenValues& given, Invocation& invocation, Problems& problems) {
  for (const SettingRow& row : SettingRows()) {
    const auto found = given.find(row.flag);
    const Given value = found != given.end() ? found->second : Given{std::string(row.default_text), "default"};
    const std::string problem = Assign(row, value.text, invocation.settings);
    if (!problem.empty()) {
      // A malformed secret is still secret.
      problems.push_back(value.origin + (row.secret ? "" : " \"" + value.text + "\"") + ": " + problem);
    }
  }
}

// Checks that involve more than one setting.
void CheckTogether(const GivenValues& given, Settings& settings, Problems& problems) {
  if (!settings.database_url.empty()) {
    const auto data_dir = given.find("data-dir");
    if (data_dir != given.end()) {
      problems.push_back(data_dir->second.origin + " and " + given.find("database-url")->second.origin +
                         " exclude each other: the data is in one database");
    }
    settings.data_dir.clear();
  }
  if (!settings.read_database_url.empty() && settings.database_url.empty()) {
    problems.push_back(given.find("read-database-url")->second.origin +
                       " needs a database-url: the private PostgreSQL has no standby");
  }
  if (settings.address == settings.metrics_address && !settings.address.ends_with(":0")) {
    problems.push_back("address and metrics-address are the same: " + settings.address);
  }
}

std::vector<EffectiveSetting> Explain(const GivenValues& given, const Settings& settings) {
  std::vector<EffectiveSetting> effective;
  for (const SettingRow& row : SettingRows()) {
    const auto found = given.find(row.flag);
    std::string value = Format(row, settings);
    if (row.secret && !value.empty()) value = "(hidden)";
    effective.push_back({std::string(row.flag), value, found == given.end() ? "default" : found->second.origin});
  }
  return effective;
}

}  // namespace

std::expected<Invocation, std::vector<std::string>> ReadInvocation(const std::vector<std::string>& arguments,
                                                                   const Environment& environment) {
  Invocation invocation;
  GivenValues given;
  Problems problems;
  ReadEnvironment(environment, given, problems);
  ReadArguments(arguments, invocation, given, problems);
  if (invocation.action == Action::kHelp || invocation.action == Action::kVersion) return invocation;
  Apply(given, invocation, problems);
  CheckTogether(given, invocation.settings, problems);
  if (!problems.empty()) return std::unexpected(std::move(problems));
  invocation.effective = Explain(given, invocation.settings);
  return invocation;
}

Environment ProcessEnvironment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == text.npos) continue;
    environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::string VersionText() { return "journeyfeed-server " JOURNEYFEED_VERSION "\n"; }

std::string HelpText() {
  std::string text =
      "journeyfeed-server: journey run sessions and customer journeys over gRPC, with their changes as streams.\n\n"
      "Usage: journeyfeed-server [--flag VALUE]...\n\n"
      "  --help           This text.\n"
      "  --version        Name and version.\n"
      "  --print-config   Print the effective settings and where they come from, and exit.\n"
      "  --open-history   Show the histories of the database's feeds and what opening new ones means, and exit;\n"
      "                   --open-history=DATABASE, with its name, opens them (docs/operations.md).\n"
      "  --token-keys     Show the keys that sign tokens, and exit; --token-keys=add makes a new one,\n"
      "                   --token-keys=remove:ID ends one with all of its tokens (docs/operations.md).\n\n"
      "Settings, each as a flag or as an environment variable; the flag wins:\n\n";
  for (const SettingRow& row : SettingRows()) {
    text.append("  --").append(row.flag).append(" ").append(row.placeholder);
    text.append("   ").append(VariableName(row.flag)).append("\n      ").append(row.help);
    if (!row.default_text.empty()) text.append(" Default ").append(row.default_text).append(".");
    if (!row.min.empty()) text.append(" From ").append(row.min).append(" to ").append(row.max).append(".");
    if (row.secret) text.append(" Secret.");
    text.append("\n");
  }
  return text;
}

std::string ConfigText(const Invocation& invocation) {
  std::string text;
  for (const auto& [flag, value, origin] : invocation.effective) {
    text.append(flag).append(" = ").append(value).append("  # ").append(origin).append("\n");
  }
  return text;
}

}  // namespace journeyfeed
