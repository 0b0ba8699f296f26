#include "tests/bench/feed/workloads.h"

namespace journeyfeed::bench {

std::vector<Workload> FeedWorkloads() {
  std::vector<Workload> all;
  for (const auto& of_kind : {FanOutWorkloads(), PartitionWorkloads(), IdleWorkloads(), StalledWorkloads(),
                              BulkReadWorkloads(), ReconnectWorkloads(), ReplicaWorkloads()})
    all.insert(all.end(), of_kind.begin(), of_kind.end());
  return all;
}

Cell FeedCell(const Entrant& entrant, const FeedLoad& load, const std::string& what) {
  return {.name = entrant->name() + (what.empty() ? "" : " " + what),
          .contender = entrant->name(),
          .parameters = load.Parameters(),
          .run = [entrant, load] { return RunFeedLoad(*entrant, load); }};
}

std::string WithoutFollowers(const std::string& contender) { return contender + " without followers"; }

double Cpu(const Metrics& metrics) { return metrics.at("server_cores") + metrics.at("database_cores"); }

double MarginalCores(const Round& round, const std::string& contender) {
  return Cpu(round.at(contender)) - Cpu(round.at(WithoutFollowers(contender)));
}

double MicrosPerDelivery(const Round& round, const std::string& contender) {
  return MarginalCores(round, contender) / round.at(contender).at("delivered_per_s") * 1e6;
}

double TotalMicrosPerDelivery(const Round& round, const std::string& contender) {
  const Metrics& metrics = round.at(contender);
  return Cpu(metrics) / metrics.at("delivered_per_s") * 1e6;
}

Figure MetricFigure(const std::string& name, const std::string& unit, const std::string& cell,
                    const std::string& metric, std::optional<Bar> bar) {
  return {.name = name, .unit = unit, .bar = bar, .of = [cell, metric](const Round& round) {
            return round.at(cell).at(metric);
          }};
}

}  // namespace journeyfeed::bench
