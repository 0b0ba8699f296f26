// PostgreSQL's main process: finds a running one, clears up after one, stops it.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "storage/embedded/process.h"
#include "storage/failure.h"

namespace journeyfeed::embedded {

// All processes of the cluster with this data directory.
std::vector<Process> PostgresProcessesIn(const std::filesystem::path& data);

// Returns the postmaster that runs on this data directory (an absolute canonical path), whichever process started it.
// Checks the process itself, because the number in postmaster.pid may now belong to another one.
std::optional<Process> FindPostmaster(const std::filesystem::path& data);

// For a postmaster that died without its children (kill -9): ends these, because a new one refuses to start beside
// them, and removes files that would make it mistake another process for its predecessor. Precondition: no postmaster
// runs there.
Result<void> ClearLeftovers(const std::filesystem::path& data, const std::filesystem::path& socket_directory);

// Fast shutdown: connections are cut, everything is written. What has not ended within the limit is killed; the next
// start then recovers from the log. Returns an error only if something survives that.
Result<void> ShutDown(Process& postmaster, const std::filesystem::path& data, std::chrono::milliseconds limit);

}  // namespace journeyfeed::embedded
