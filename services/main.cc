// journeyfeed-server: settings, storage, services, server. The one file that no test links.
#include <prometheus/registry.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "services/logging.h"
#include "services/metrics.h"
#include "services/port_file.h"
#include "services/server.h"
#include "services/settings.h"
#include "services/termination.h"

namespace journeyfeed {
namespace {

constexpr int kWrongSettings = 2;

int Fail(const std::string& problem) {
  Log(LogLevel::kError, "cannot start", {{"problem", problem}});
  FlushLog();
  return 1;
}

int Refuse(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) std::cerr << "journeyfeed-server: " << problem << '\n';
  std::cerr << "journeyfeed-server: --help lists the settings\n";
  return kWrongSettings;
}

int Serve(const Settings& settings) {
  Metrics metrics(std::make_shared<prometheus::Registry>());
  auto server = Server::Start(settings, {.services = {}, .metrics = metrics.shared_registry(), .on_drain = {}});
  if (!server) return Fail(server.error());
  const BoundAddresses& bound = (*server)->bound();
  Log(LogLevel::kInfo, "listening", {{"address", bound.address}, {"metrics_address", bound.metrics_address}});
  if (!settings.port_file.empty()) {
    if (const auto written = WritePortFile(settings.port_file, bound); !written) return Fail(written.error());
  }
  (*server)->SetServing(true);

  const int signal = AwaitTermination();
  Log(LogLevel::kInfo, "asked to stop", {{"signal", std::int64_t{signal}}});
  EndAtNextSignal();
  (*server)->Drain();
  if (!settings.port_file.empty()) std::remove(settings.port_file.c_str());
  FlushLog();
  return 0;
}

int Run(const std::vector<std::string>& arguments) {
  const auto invocation = ReadInvocation(arguments, ProcessEnvironment());
  if (!invocation) return Refuse(invocation.error());
  switch (invocation->action) {
    case Invocation::Action::kHelp:
      std::cout << HelpText();
      return 0;
    case Invocation::Action::kVersion:
      std::cout << VersionText();
      return 0;
    case Invocation::Action::kPrintConfig:
      std::cout << ConfigText(*invocation);
      return 0;
    case Invocation::Action::kRun:
      break;
  }
  StartLogging(invocation->settings.log_level);
  return Serve(invocation->settings);
}

}  // namespace
}  // namespace journeyfeed

int main(int argc, char** argv) {
  journeyfeed::BlockTerminationSignals();
  try {
    return journeyfeed::Run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    return journeyfeed::Fail(e.what());
  }
}
