#include "services/logging.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/logger.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

#include "services/log_sink.h"
#include "storage/base/json_text.h"

namespace journeyfeed {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};
constexpr std::array<spdlog::level::level_enum, 4> kSpdlogLevels = {spdlog::level::debug, spdlog::level::info,
                                                                    spdlog::level::warn, spdlog::level::err};
constexpr int kForeignLinesPerSecond = 20;

struct Output {
  explicit Output(LogLevel level, int file_descriptor)
      : sink(std::make_shared<LogSink>(file_descriptor)), logger("journeyfeed", sink) {
    logger.set_level(kSpdlogLevels[static_cast<std::size_t>(level)]);
  }
  std::shared_ptr<LogSink> sink;
  spdlog::logger logger;
};

// Outputs are never destroyed: another thread may be using one that was replaced, and gRPC's threads log until the
// process ends.
std::vector<std::unique_ptr<Output>>& Outputs() {
  static auto& outputs = *new std::vector<std::unique_ptr<Output>>();
  return outputs;
}

Output* Open(LogLevel level, int file_descriptor) {
  return Outputs().emplace_back(std::make_unique<Output>(level, file_descriptor)).get();
}

std::atomic<Output*>& Current() {
  static std::atomic<Output*> current = [] {
    std::atexit(FlushLog);
    return Open(LogLevel::kInfo, 2);
  }();
  return current;
}

template <typename Number>
void AppendNumber(Number number, std::string& out) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(text.data(), end);
}

void AppendValue(const LogField& field, std::string& out) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return AppendJsonString(*text, out);
  if (const auto* flag = std::get_if<bool>(&field.value)) return void(out.append(*flag ? "true" : "false"));
  if (const auto* integer = std::get_if<std::int64_t>(&field.value)) return AppendNumber(*integer, out);
  const double number = std::get<double>(field.value);
  // Three decimals of a millisecond are microseconds. JSON has no infinity.
  if (!std::isfinite(number)) return void(out.append("null"));
  AppendNumber(std::round(number * 1000) / 1000, out);
}

// An empty text field is left out.
bool IsEmpty(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text && text->empty();
}

// Limits the lines of libraries per second.
bool AdmitForeignLine() {
  static std::atomic<std::int64_t> second = 0;
  static std::atomic<int> count = 0;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const std::int64_t current = std::chrono::floor<std::chrono::seconds>(now).count();
  if (second.exchange(current) != current) count = 0;
  return count.fetch_add(1) < kForeignLinesPerSecond;
}

void LogGrpc(gpr_log_func_args* args) {
  const std::string_view text = args->message;
  const LogLevel level = args->severity == GPR_LOG_SEVERITY_ERROR  ? LogLevel::kError
                         : args->severity == GPR_LOG_SEVERITY_INFO ? LogLevel::kInfo
                                                                   : LogLevel::kDebug;
  const bool fatal = text.starts_with("assertion failed");  // gRPC aborts after this
  if (!fatal && !AdmitForeignLine()) return;
  Log(level, "grpc", {{"text", text}, {"file", args->file}, {"line", std::int64_t{args->line}}});
  if (fatal) FlushLog();
}

void LogProtobuf(google::protobuf::LogLevel level, const char* file, int line, const std::string& text) {
  const bool fatal = level == google::protobuf::LOGLEVEL_FATAL;
  if (!fatal && !AdmitForeignLine()) return;
  // What protobuf logs as errors are mostly bad requests ("contains invalid UTF-8 data"), which the caller learns
  // anyway.
  const LogLevel ours = fatal ? LogLevel::kError : LogLevel::kDebug;
  Log(ours, "protobuf", {{"text", text}, {"file", file}, {"line", std::int64_t{line}}});
  if (fatal) FlushLog();
}

}  // namespace

std::string_view LogLevelName(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> ParseLogLevel(std::string_view name) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

bool LogEnabled(LogLevel level) {
  return Current().load(std::memory_order_acquire)->logger.should_log(kSpdlogLevels[static_cast<std::size_t>(level)]);
}

LogLevel CurrentLogLevel() {
  const auto level = Current().load(std::memory_order_acquire)->logger.level();
  const auto found = std::find(kSpdlogLevels.begin(), kSpdlogLevels.end(), level);
  return static_cast<LogLevel>(found - kSpdlogLevels.begin());
}

void SetLogLevel(LogLevel level) {
  Current().load(std::memory_order_acquire)->logger.set_level(kSpdlogLevels[static_cast<std::size_t>(level)]);
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Output& output = *Current().load(std::memory_order_acquire);
  const auto spdlog_level = kSpdlogLevels[static_cast<std::size_t>(level)];
  if (!output.logger.should_log(spdlog_level)) return;
  thread_local std::string payload;
  payload.assign("\"msg\":");
  AppendJsonString(message, payload);
  for (const LogField& field : fields) {
    if (IsEmpty(field)) continue;
    payload.append(",\"").append(field.name).append("\":");
    AppendValue(field, payload);
  }
  output.logger.log(spdlog_level, spdlog::string_view_t(payload.data(), payload.size()));
}

std::uint64_t DroppedLogLines() { return Current().load(std::memory_order_acquire)->sink->dropped(); }

void FlushLog() { Current().load(std::memory_order_acquire)->sink->Drain(std::chrono::seconds(1)); }

void StartLogging(LogLevel level, int file_descriptor) {
  FlushLog();
  Current().store(Open(level, file_descriptor), std::memory_order_release);
  [[maybe_unused]] static const bool redirected = [] {
    gpr_set_log_function(LogGrpc);
    google::protobuf::SetLogHandler(LogProtobuf);
    return true;
  }();
}

}  // namespace journeyfeed
