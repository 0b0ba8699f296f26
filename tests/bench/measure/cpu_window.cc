#include "tests/bench/measure/cpu_window.h"

#include <algorithm>

namespace journeyfeed::bench {
namespace {

constexpr double kBusiestClient = 0.8;

}  // namespace

CpuWindow::CpuWindow(pid_t server, pid_t database)
    : server_(server), database_(database), begin_(ReadCpuTimes(server, database)), began_(Clock::now()) {}

double CpuWindow::End(Metrics& metrics) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  const CpuTimes end = ReadCpuTimes(server_, database_);
  const double server = end.server - begin_.server, database = end.database - begin_.database;
  const double client = end.client - begin_.client;
  metrics["server_cores"] = server / seconds;
  metrics["database_cores"] = database / seconds;
  metrics["client_cores"] = client / seconds;
  metrics["other_cores"] = std::max(0.0, end.machine - begin_.machine - server - database - client) / seconds;
  metrics["stolen_cores"] = (end.stolen - begin_.stolen) / seconds;
  return seconds;
}

void JudgeClient(Measurement& measurement) {
  if (measurement.metrics.at("client_cores") > kBusiestClient)
    measurement.faults.push_back("the client used more than 80 % of a core");
}

}  // namespace journeyfeed::bench
