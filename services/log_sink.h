// The destination of log lines: a bounded buffer that a separate thread writes out, so that a slow or stuck reader of
// the log never delays a call.
#pragma once

#include <spdlog/sinks/sink.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "services/logging.h"

namespace journeyfeed {

LogLevel LevelOf(spdlog::level::level_enum level);

// Thread-safe. The destructor writes the rest.
class LogSink final : public spdlog::sinks::sink {
 public:
  static constexpr std::size_t kMaxBufferedBytes = 4 * 1024 * 1024;
  // Lines wait this long so that one write takes several: a wake-up and a write per call would cost more than the call.
  // Errors and full buffers are written at once.
  static constexpr std::chrono::milliseconds kGathering{20};
  static constexpr std::size_t kWriteAtOnceBytes = 64 * 1024;

  explicit LogSink(int file_descriptor);
  ~LogSink() override;

  void log(const spdlog::details::log_msg& message) override;
  // Does not wait; see Drain.
  void flush() override {}
  void set_pattern(const std::string&) override {}  // lines are always JSON
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  // Waits until everything logged before is written. Returns false after `limit`.
  bool Drain(std::chrono::milliseconds limit);
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void WriteLines();
  void AppendLoss(std::string& lines);  // writer thread only

  const int file_descriptor_;
  std::atomic<std::uint64_t> dropped_ = 0;
  std::uint64_t told_ = 0;  // dropped lines that were reported; writer thread only

  std::mutex mutex_;                // guards the following members
  std::condition_variable filled_;  // the writer has work, or urgent work
  std::condition_variable written_;
  std::string buffer_;
  bool writing_ = false;
  bool urgent_ = false;
  bool stopped_ = false;

  std::thread writer_;  // last: starts when all other members exist
};

}  // namespace journeyfeed
