// Serves the metrics to Prometheus: plain HTTP, only /metrics.
#pragma once

#include <prometheus/registry.h>

#include <expected>
#include <memory>
#include <string>

namespace prometheus {
class Exposer;
}

namespace journeyfeed {

class MetricsEndpoint {
 public:
  // `address` is "host:port"; port 0 takes a free one. The error text is for the operator.
  static std::expected<std::unique_ptr<MetricsEndpoint>, std::string> Start(
      const std::string& address, const std::shared_ptr<prometheus::Registry>& registry);

  // Closes the port; a scrape in progress finishes.
  ~MetricsEndpoint();

  int port() const { return port_; }

 private:
  MetricsEndpoint(std::string host, std::unique_ptr<prometheus::Exposer> exposer);

  const std::string host_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  const int port_;
};

}  // namespace journeyfeed
