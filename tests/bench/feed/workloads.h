// The workloads of the feed.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/contenders/entrants.h"
#include "tests/bench/contest/workload.h"
#include "tests/bench/feed/feed_load.h"

namespace journeyfeed::bench {

std::vector<Workload> FanOutWorkloads();     // many followers of all changes
std::vector<Workload> PartitionWorkloads();  // many followers of a partition each
std::vector<Workload> IdleWorkloads();       // followers to whom nothing happens
std::vector<Workload> StalledWorkloads();    // followers that do not read
std::vector<Workload> BulkReadWorkloads();   // loads and catching up, against COPY
std::vector<Workload> ReconnectWorkloads();  // followers that come back with tokens
std::vector<Workload> ReplicaWorkloads();    // followers of another server

std::vector<Workload> FeedWorkloads();  // all of these

// What workloads have in common.

// A cell that puts `load` on the entrant. It is named after the contender and `what`, which may be "".
Cell FeedCell(const Entrant& entrant, const FeedLoad& load, const std::string& what);

// The name of the cell without followers beside that of a contender.
std::string WithoutFollowers(const std::string& contender);

// Server and database, in cores.
double Cpu(const Metrics& metrics);
// What the followers of a contender cost beside its writes, in cores.
double MarginalCores(const Round& round, const std::string& contender);
// The same for each change delivered to one, in microseconds.
double MicrosPerDelivery(const Round& round, const std::string& contender);
// The same with the writes.
double TotalMicrosPerDelivery(const Round& round, const std::string& contender);

// A figure that is a metric of a cell.
Figure MetricFigure(const std::string& name, const std::string& unit, const std::string& cell,
                    const std::string& metric, std::optional<Bar> bar = {});

}  // namespace journeyfeed::bench
