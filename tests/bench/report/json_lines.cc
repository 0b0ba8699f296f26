#include "tests/bench/report/json_lines.h"

#include <nlohmann/json.hpp>

namespace journeyfeed::bench {

std::string JsonLine(const Occasion& occasion, const Trial& trial) {
  const nlohmann::ordered_json line{{"run", occasion.run},
                                    {"git", occasion.git},
                                    {"machine", occasion.machine},
                                    {"workload", trial.workload},
                                    {"cell", trial.cell},
                                    {"contender", trial.contender},
                                    {"parameters", trial.parameters},
                                    {"round", trial.round},
                                    {"metrics", trial.measurement.metrics},
                                    {"faults", trial.measurement.faults}};
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace journeyfeed::bench
