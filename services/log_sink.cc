#include "services/log_sink.h"

#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string_view>

namespace journeyfeed {

LogLevel LevelOf(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return LogLevel::kDebug;
    case spdlog::level::info:
      return LogLevel::kInfo;
    case spdlog::level::warn:
      return LogLevel::kWarning;
    default:
      return LogLevel::kError;
  }
}

namespace {

// "2025-01-31T12:00:00". Made once per second and thread.
std::string_view UtcSecond(std::time_t seconds) {
  thread_local std::time_t made_for = -1;
  thread_local char text[32];
  if (seconds != made_for) {
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    made_for = seconds;
  }
  return text;
}

// {"ts":"2025-01-31T12:00:00.000001Z","level":"info",PAYLOAD}. Log made the payload: the members from "msg" on.
void AppendLine(const spdlog::details::log_msg& message, std::string& out) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(message.time.time_since_epoch());
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(micros).count();
  const std::string fraction = std::to_string(micros.count() - seconds * 1'000'000);
  out.append("{\"ts\":\"").append(UtcSecond(seconds)).push_back('.');
  out.append(6 - fraction.size(), '0').append(fraction).append("Z\",\"level\":\"");
  out.append(LogLevelName(LevelOf(message.level))).append("\",");
  out.append(message.payload.data(), message.payload.size()).append("}\n");
}

void WriteAll(int file_descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file_descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;  // the log cannot report its own failure
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

LogSink::LogSink(int file_descriptor) : file_descriptor_(file_descriptor), writer_([this] { WriteLines(); }) {}

LogSink::~LogSink() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  filled_.notify_one();
  writer_.join();
}

void LogSink::log(const spdlog::details::log_msg& message) {
  thread_local std::string line;
  line.clear();
  AppendLine(message, line);
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (buffer_.size() + line.size() > kMaxBufferedBytes) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    const bool first = buffer_.empty();
    buffer_.append(line);
    const bool urgent = message.level >= spdlog::level::err || buffer_.size() >= kWriteAtOnceBytes;
    wake = first || (urgent && !urgent_);
    urgent_ |= urgent;
  }
  if (wake) filled_.notify_one();
}

bool LogSink::Drain(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  urgent_ = true;
  filled_.notify_one();
  return written_.wait_for(lock, limit, [this] { return buffer_.empty() && !writing_; });
}

// Reports lines that were dropped since the last report.
void LogSink::AppendLoss(std::string& lines) {
  const std::uint64_t now = dropped();
  if (now == told_) return;
  const std::string payload = "\"msg\":\"log lines dropped\",\"count\":" + std::to_string(now - told_);
  told_ = now;
  AppendLine(spdlog::details::log_msg("journeyfeed", spdlog::level::warn, payload), lines);
}

void LogSink::WriteLines() {
  std::string lines;
  std::unique_lock lock(mutex_);
  while (true) {
    filled_.wait(lock, [this] { return !buffer_.empty() || stopped_; });
    if (buffer_.empty()) return;
    filled_.wait_for(lock, kGathering, [this] { return urgent_ || stopped_; });
    lines.swap(buffer_);
    writing_ = true;
    urgent_ = false;
    lock.unlock();
    try {
      AppendLoss(lines);
    } catch (...) {  // NOLINT(bugprone-empty-catch): out of memory; the next call reports the loss
    }
    WriteAll(file_descriptor_, lines);
    lines.clear();
    lock.lock();
    writing_ = false;
    written_.notify_all();
  }
}

}  // namespace journeyfeed
