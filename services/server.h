// The listening server: starts, reports its ports, drains in order.
#pragma once

#include <grpcpp/grpcpp.h>
#include <prometheus/registry.h>

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "services/metrics_endpoint.h"
#include "services/port_file.h"
#include "services/settings.h"

namespace journeyfeed {

struct ServedService {
  grpc::Service* service;  // must outlive the server
  std::string full_name;   // its name in the health service
};

struct ServerParts {
  std::vector<ServedService> services;
  std::shared_ptr<prometheus::Registry> metrics;
  // Ends all streams, and later ones at once. Called once, while draining. May be empty.
  std::function<void()> on_drain;
  // The number of calls that are not over. The drain soon closes connections without calls, whatever their clients do;
  // without this function it waits for them.
  std::function<int()> calls_in_flight = {};
};

// Also serves reflection and health (Check and Watch: "", every service by name, and "live", which is SERVING from the
// start until the drain). Thread-safe.
class Server {
 public:
  // Listens on both addresses or on none. Every service is NOT_SERVING until SetServing. The error text is for the
  // operator.
  static std::expected<std::unique_ptr<Server>, std::string> Start(const Settings& settings, ServerParts parts);

  // Drains without grace unless Drain did: cancels calls in flight.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const BoundAddresses& bound() const { return bound_; }

  // Sets the health of one service, or of all. "" is SERVING while every service is. No effect while draining.
  void SetServing(const std::string& full_name, bool serving);
  void SetServing(bool serving);

  // Sets health to NOT_SERVING, waits drain_lame_duck, calls on_drain and refuses new calls. Calls in flight have
  // drain_grace to end, then they are cancelled; connections without calls are closed. Blocks until all are gone. Call
  // it once.
  void Drain();

 private:
  Server(const Settings& settings, ServerParts parts);
  std::expected<void, std::string> StartGrpc(const Settings& settings);
  void StopListening(std::chrono::milliseconds grace);

  const Duration lame_duck_;
  const Duration grace_;
  const ServerParts parts_;
  BoundAddresses bound_;  // constant after Start
  std::unique_ptr<MetricsEndpoint> metrics_;
  std::unique_ptr<grpc::Server> grpc_;

  std::mutex mutex_;                     // guards the following members
  std::map<std::string, bool> serving_;  // by full name
  bool stopped_ = false;
};

}  // namespace journeyfeed
