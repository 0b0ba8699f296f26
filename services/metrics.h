// The metrics of the process, registered once at start; every series is present at zero from then on. The code that
// counts keeps the handles, so that serving needs no lookup of labels.
#pragma once

#include <google/protobuf/descriptor.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <memory>
#include <string>

namespace journeyfeed {

// Number of canonical gRPC codes (0 to 16).
inline constexpr int kStatusCodes = 17;

// The metrics of one method. Handles live as long as the registry and are thread-safe.
struct MethodMetrics {
  std::array<prometheus::Counter*, kStatusCodes> requests{};  // by the code that the caller saw
  prometheus::Histogram* request_bytes = nullptr;
  prometheus::Histogram* response_bytes = nullptr;  // of a stream: of each message

  // Unary methods only.
  prometheus::Gauge* in_flight = nullptr;
  prometheus::Histogram* duration = nullptr;  // seconds

  // Streaming methods only.
  prometheus::Gauge* streams_open = nullptr;
  prometheus::Counter* stream_messages = nullptr;
  prometheus::Histogram* stream_duration = nullptr;  // seconds
};

class Metrics {
 public:
  // The registry must outlive every handle.
  explicit Metrics(std::shared_ptr<prometheus::Registry> registry);

  // Returns the handles of a method; its series start at zero. Takes a lock: call it before serving.
  MethodMetrics ForMethod(const google::protobuf::MethodDescriptor& method);

  // Other parts (pool, feed) register their own families here: names begin with "journeyfeed_", units are base units.
  prometheus::Registry& registry() { return *registry_; }
  const std::shared_ptr<prometheus::Registry>& shared_registry() const { return registry_; }

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& request_bytes_;
  prometheus::Family<prometheus::Histogram>& response_bytes_;
  prometheus::Family<prometheus::Gauge>& in_flight_;
  prometheus::Family<prometheus::Histogram>& duration_;
  prometheus::Family<prometheus::Gauge>& streams_open_;
  prometheus::Family<prometheus::Counter>& stream_messages_;
  prometheus::Family<prometheus::Histogram>& stream_duration_;
};

}  // namespace journeyfeed
