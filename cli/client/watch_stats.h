// Follows a feed and prints how fast it is instead of what it says.
#pragma once

#include <chrono>
#include <ostream>
#include <stop_token>

#include "cli/client/feed.h"
#include "cli/input/file_io.h"
#include "cli/output/output.h"

namespace journeyfeed::cli {

struct StatsOutput {
  LineOutput& lines;
  std::ostream& notices;  // a line when the connection is lost
  Format format = Format::kJson;
  std::chrono::milliseconds interval = std::chrono::seconds(1);
};

// Prints a StatsLine for each interval, from a thread of its own, and a TotalLine at the end. Ends as Watcher::Watch
// does, also when the output cannot be written.
Outcome<void> WatchStats(const EntityClient& client, const Connection& connection, const ChangeRequest& request,
                         const StatsOutput& output, const std::stop_token& stop);

}  // namespace journeyfeed::cli
