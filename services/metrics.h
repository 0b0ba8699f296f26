// The metrics of the process, made once at start; every series is present at zero from then on. Handles are kept by who
// counts, so that no label is looked up while serving.
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

// What one method counts. Handles live as long as the registry and are thread-safe.
struct MethodMetrics {
  std::array<prometheus::Counter*, kStatusCodes> requests{};  // by the code that the caller saw
  prometheus::Histogram* request_bytes = nullptr;
  prometheus::Histogram* response_bytes = nullptr;  // of a stream: each message

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
  // The registry outlives every handle that was given out.
  explicit Metrics(std::shared_ptr<prometheus::Registry> registry);

  // The handles of a method; its series appear at zero. Takes a lock: call it while wiring, not while serving.
  MethodMetrics ForMethod(const google::protobuf::MethodDescriptor& method);

  // Where other parts (pool, feed) register families of their own: names begin with "journeyfeed_", units are base
  // units.
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
