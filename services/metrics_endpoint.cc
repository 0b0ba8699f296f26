#include "services/metrics_endpoint.h"

#include <prometheus/exposer.h>

#include <chrono>
#include <exception>
#include <future>

#include "services/socket_probe.h"

namespace journeyfeed {

std::expected<std::unique_ptr<MetricsEndpoint>, std::string> MetricsEndpoint::Start(
    const std::string& address, const std::shared_ptr<prometheus::Registry>& registry) {
  std::unique_ptr<prometheus::Exposer> exposer;
  try {
    exposer = std::make_unique<prometheus::Exposer>(address, /*num_threads=*/2);
  } catch (const std::exception&) {  // does not say the cause
    return std::unexpected("cannot serve metrics on " + address + ": " + ListenProblem(address));
  }
  exposer->RegisterCollectable(registry);
  return std::unique_ptr<MetricsEndpoint>(
      new MetricsEndpoint(address.substr(0, address.rfind(':')), std::move(exposer)));
}

MetricsEndpoint::MetricsEndpoint(std::string host, std::unique_ptr<prometheus::Exposer> exposer)
    : host_(std::move(host)), exposer_(std::move(exposer)), port_(exposer_->GetListeningPorts().front()) {}

// The HTTP server checks whether it is stopped only when its poll for connections returns, every two seconds:
// connections wake it.
MetricsEndpoint::~MetricsEndpoint() {
  const auto closed = std::async(std::launch::async, [this] { exposer_.reset(); });
  const std::string address = host_ + ":" + std::to_string(port_);
  while (closed.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout) Knock(address);
}

}  // namespace journeyfeed
