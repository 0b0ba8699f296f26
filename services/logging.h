// The log of the process: one JSON object per line, with `ts` (UTC, microseconds), `level`, `msg` and structured
// fields. Never log texts of sessions and definitions, tokens or passwords.
//
// The caller formats a line; a separate thread writes it. A caller never waits for the output: it is limited to 4 MiB,
// and lines beyond that are dropped and counted. Everything here is thread-safe except StartLogging.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace journeyfeed {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

std::string_view LogLevelName(LogLevel level);
std::optional<LogLevel> ParseLogLevel(std::string_view name);

// One structured field. Valid only during the call that it is passed to.
struct LogField {
  std::string_view name;  // lower snake case
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

bool LogEnabled(LogLevel level);

// Changes the level until the next change or StartLogging.
LogLevel CurrentLogLevel();
void SetLogLevel(LogLevel level);

// `message` is a constant text; variable parts go into fields.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// Lines that were dropped since the start because the output was too slow.
std::uint64_t DroppedLogLines();

// Waits until everything logged before is written, at most one second.
void FlushLog();

// Sends the log, and the logs of gRPC and protobuf, to `file_descriptor` (2 is stderr) from `level` on. main calls it
// before other threads exist; until then lines go to stderr from info on. gRPC's lines are limited to 20 per second,
// because every bad client causes one.
void StartLogging(LogLevel level, int file_descriptor = 2);

}  // namespace journeyfeed
