// PostgreSQL's main process: found when it runs already, cleared away after, stopped.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "storage/embedded/process.h"
#include "storage/status.h"

namespace journeyfeed::embedded {

// The postmaster that runs on this data directory (an absolute canonical path), whoever started it. Judged by the
// process itself, not by the number in postmaster.pid alone, which may long belong to a stranger.
std::optional<Process> FindPostmaster(const std::filesystem::path& data);

// After a postmaster has gone without its children (kill -9): ends them, since a new one refuses to start beside them,
// and removes what would make it mistake a stranger for its predecessor. Precondition: no postmaster runs there.
Result<void> ClearLeftovers(const std::filesystem::path& data, const std::filesystem::path& socket_directory);

// Fast shutdown: sessions are cut, everything is written. What has not ended within the limit is ended the hard way;
// the next start then recovers from the log. An error only when something survives even that.
Result<void> ShutDown(Process& postmaster, const std::filesystem::path& data, std::chrono::milliseconds limit);

}  // namespace journeyfeed::embedded
