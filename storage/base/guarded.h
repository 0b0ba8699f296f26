// The top of a thread: logs an exception, so that it ends neither the thread nor the process.
#pragma once

#include <spdlog/spdlog.h>

#include <exception>

namespace journeyfeed {

// Runs `work`. Returns false if it threw. `where` is for the log.
template <typename Work>
bool Guarded(const char* where, const Work& work) {
  try {
    work();
    return true;
  } catch (const std::exception& error) {
    spdlog::error("{}: unexpected exception: {}", where, error.what());
  } catch (...) {
    spdlog::error("{}: unexpected exception", where);
  }
  return false;
}

}  // namespace journeyfeed
