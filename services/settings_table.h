// The table of all settings, which all code that reads, checks, prints or explains settings uses.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "services/settings.h"

namespace journeyfeed {

// One setting. The member's type decides how a value is parsed and formatted.
struct SettingRow {
  std::string_view flag;  // "drain-grace"; the variable is JOURNEYFEED_DRAIN_GRACE
  std::variant<std::string Settings::*, std::int64_t Settings::*, Duration Settings::*, Bytes Settings::*,
               LogLevel Settings::*>
      member;
  std::string_view default_text;
  // Limits for numbers, durations and sizes: both inclusive, written like values.
  std::string_view min;
  std::string_view max;
  // What a value is, for --help: "DURATION", "HOST:PORT".
  std::string_view placeholder;
  std::string_view help;
  bool secret = false;
  // A further check of the text; returns the problem, or "".
  std::string (*check)(const std::string& text) = nullptr;
};

std::span<const SettingRow> SettingRows();

// "JOURNEYFEED_DRAIN_GRACE" of "drain-grace".
std::string VariableName(std::string_view flag);

// Stores a value. Returns the problem, or ""; never repeats the value.
std::string Assign(const SettingRow& row, const std::string& text, Settings& settings);

// Formats the value in the form in which it can be given.
std::string Format(const SettingRow& row, const Settings& settings);

}  // namespace journeyfeed
