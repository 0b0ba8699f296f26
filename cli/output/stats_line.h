// How a feed is doing, on a line: for people or as JSON.
#pragma once

#include <chrono>
#include <string>

#include "cli/output/output.h"
#include "journeyfeed/client/feed_health.h"

namespace journeyfeed::cli {

// What happened between two looks at a consumer.
struct StatsInterval {
  client::FeedHealth before;
  client::FeedHealth after;
  std::chrono::duration<double> time{};
  client::FeedHealth::Time now;  // the age of as_of is counted from here: clocks that differ show in it
};

// Table: "03:58:37  1,234 changes/s  1.2 MB/s  lag 0.02 s  as of 0.1 s ago  0 reconnects", with "initial load" or "not
// connected" when that is so. JSON: the same as members, and the changes of the interval.
std::string StatsLine(const StatsInterval& interval, Format format);

// Of a whole run: "in all 12,345 changes in 10.0 s  ..."; in JSON "total" is true.
std::string TotalLine(const StatsInterval& run, Format format);

}  // namespace journeyfeed::cli
