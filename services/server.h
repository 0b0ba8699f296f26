// The listening server: builds, starts, reports its ports, drains in order.
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
  grpc::Service* service;  // outlives the server
  std::string full_name;   // its name in the health service
};

struct ServerParts {
  std::vector<ServedService> services;
  std::shared_ptr<prometheus::Registry> metrics;
  // Streams end themselves, those that begin later at once. Called once, while draining. May be empty.
  std::function<void()> on_drain;
  // How many calls are not over. Connections that have none are closed by the drain soon, whatever their clients do;
  // without it they are waited for.
  std::function<int()> calls_in_flight = {};
};

// Also serves health (Check and Watch, "" and every service by name, and "live", which is SERVING from the start until
// the drain) and reflection. Thread-safe.
class Server {
 public:
  // Listens on both addresses or on none. Every service is NOT_SERVING until SetServing. The error is for the operator.
  static std::expected<std::unique_ptr<Server>, std::string> Start(const Settings& settings, ServerParts parts);

  // Drains when that was not done; cancels calls in flight.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const BoundAddresses& bound() const { return bound_; }

  // What health says of a service, or of all. "" is SERVING while every service is. No effect while draining.
  void SetServing(const std::string& full_name, bool serving);
  void SetServing(bool serving);

  // Health NOT_SERVING; drain_lame_duck passes; on_drain; no new calls; those in flight have drain_grace to end, then
  // are cancelled; connections without any are closed. Blocks until all are gone. Once.
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

  std::mutex mutex_;                     // guards what follows
  std::map<std::string, bool> serving_;  // by full name
  bool stopped_ = false;
};

}  // namespace journeyfeed
