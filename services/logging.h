// The log of the process: one JSON object per line, with `ts` (UTC, microseconds), `level`, `msg` and structured
// fields. Texts of sessions and definitions, tokens and passwords are never given to it.
//
// Lines are formatted by the caller and written by a thread of its own: a caller never waits for the output, whose
// bound is 4 MiB; beyond it lines are dropped and counted. Everything here is thread-safe except StartLogging.
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

// One structured field. Only lives for the call it is given to.
struct LogField {
  std::string_view name;  // lower snake case
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

bool LogEnabled(LogLevel level);

// Another level from now on, until the next change or StartLogging.
LogLevel CurrentLogLevel();
void SetLogLevel(LogLevel level);

// `message` is a fixed text; what varies goes into fields.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// Lines that were dropped since the start because the output did not keep up.
std::uint64_t DroppedLogLines();

// Waits until everything logged before has been written, at most a second.
void FlushLog();

// Sends the log, and gRPC's and protobuf's own logs with it, to `file_descriptor` (2 is stderr) from `level` on. Called
// by main before other threads exist; until then lines go to stderr from info on. gRPC's lines are limited to 20 a
// second, since every bad client causes one.
void StartLogging(LogLevel level, int file_descriptor = 2);

}  // namespace journeyfeed
