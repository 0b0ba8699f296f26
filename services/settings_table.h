// The table of all settings; what reads, checks, prints and explains them walks over it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "services/settings.h"

namespace journeyfeed {

// One setting. The member's type decides how a value is read and written.
struct SettingRow {
  std::string_view flag;  // "drain-grace"; the variable is JOURNEYFEED_DRAIN_GRACE
  std::variant<std::string Settings::*, std::int64_t Settings::*, Duration Settings::*, Bytes Settings::*,
               LogLevel Settings::*>
      member;
  std::string_view default_text;
  // Of numbers, durations and sizes: both inclusive, written like values.
  std::string_view min;
  std::string_view max;
  // What a value is, for --help: "DURATION", "HOST:PORT".
  std::string_view placeholder;
  std::string_view help;
  bool secret = false;
  // What else a text must fulfil; returns what is wrong with it, or "".
  std::string (*check)(const std::string& text) = nullptr;
};

std::span<const SettingRow> SettingRows();

// "JOURNEYFEED_DRAIN_GRACE" of "drain-grace".
std::string VariableName(std::string_view flag);

// Stores a value. Returns what is wrong with it, or ""; never repeats the value.
std::string Assign(const SettingRow& row, const std::string& text, Settings& settings);

// The value as it could be given again.
std::string Format(const SettingRow& row, const Settings& settings);

}  // namespace journeyfeed
