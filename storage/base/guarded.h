// The top of a thread: logs an exception, so that it ends neither the thread nor the process.
#pragma once

#include <exception>

namespace journeyfeed {

// The name of the spdlog logger that takes these lines; without one the default logger does.
inline constexpr char kThreadLogger[] = "thread";

void LogException(const char* where, const char* what);

// Runs `work`. Returns false if it threw. `where` is for the log.
template <typename Work>
bool Guarded(const char* where, const Work& work) {
  try {
    work();
    return true;
  } catch (const std::exception& error) {
    LogException(where, error.what());
  } catch (...) {
    LogException(where, "not a std::exception");
  }
  return false;
}

}  // namespace journeyfeed
