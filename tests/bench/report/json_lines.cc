#include "tests/bench/report/json_lines.h"

#include <nlohmann/json.hpp>

namespace journeyfeed::bench {

std::string JsonLine(const Occasion& occasion, const Run& run) {
  const nlohmann::ordered_json line{{"run", occasion.run},
                                    {"git", occasion.git},
                                    {"machine", occasion.machine},
                                    {"workload", run.workload},
                                    {"cell", run.cell},
                                    {"contender", run.contender},
                                    {"parameters", run.parameters},
                                    {"round", run.round},
                                    {"metrics", run.measurement.metrics},
                                    {"faults", run.measurement.faults}};
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace journeyfeed::bench
