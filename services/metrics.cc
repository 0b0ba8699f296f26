#include "services/metrics.h"

#include "google/rpc/code.pb.h"

namespace journeyfeed {
namespace {

const prometheus::Histogram::BucketBoundaries kDurations = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                            0.1,     0.25,   0.5,   1,      2.5,   5,    10,    30};
const prometheus::Histogram::BucketBoundaries kStreamDurations = {0.1, 1, 10, 60, 300, 900, 1800, 3600};
const prometheus::Histogram::BucketBoundaries kSizes = {64,    256,    1024,    4096,    16384,
                                                        65536, 262144, 1048576, 4194304, 16777216};

template <typename Builder>
auto& Register(Builder builder, prometheus::Registry& registry, const std::string& name, const std::string& help) {
  return builder.Name("journeyfeed_" + name).Help(help).Register(registry);
}

}  // namespace

Metrics::Metrics(std::shared_ptr<prometheus::Registry> registry)
    : registry_(std::move(registry)),
      requests_(Register(prometheus::BuildCounter(), *registry_, "requests_total",
                         "Calls that ended, by the code that the caller saw.")),
      request_bytes_(Register(prometheus::BuildHistogram(), *registry_, "request_size_bytes",
                              "Size of requests, encoded and uncompressed.")),
      response_bytes_(Register(prometheus::BuildHistogram(), *registry_, "response_size_bytes",
                               "Size of successful responses and of stream messages, encoded and uncompressed.")),
      in_flight_(Register(prometheus::BuildGauge(), *registry_, "requests_in_flight",
                          "Unary calls that arrived and have not been answered.")),
      duration_(Register(prometheus::BuildHistogram(), *registry_, "request_duration_seconds",
                         "Time from arrival to answer of unary calls.")),
      streams_open_(Register(prometheus::BuildGauge(), *registry_, "streams_open", "Streams being served.")),
      stream_messages_(Register(prometheus::BuildCounter(), *registry_, "stream_messages_total",
                                "Messages handed to the transport by streams.")),
      stream_duration_(Register(prometheus::BuildHistogram(), *registry_, "stream_duration_seconds",
                                "Time from arrival to end of streams.")) {}

MethodMetrics Metrics::ForMethod(const google::protobuf::MethodDescriptor& method) {
  const prometheus::Labels labels = {{"service", method.service()->full_name()}, {"method", method.name()}};
  MethodMetrics metrics;
  for (int code = 0; code < kStatusCodes; ++code) {
    auto with_code = labels;
    with_code["code"] = google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
    metrics.requests[code] = &requests_.Add(with_code);
  }
  metrics.request_bytes = &request_bytes_.Add(labels, kSizes);
  metrics.response_bytes = &response_bytes_.Add(labels, kSizes);
  if (method.server_streaming()) {
    metrics.streams_open = &streams_open_.Add(labels);
    metrics.stream_messages = &stream_messages_.Add(labels);
    metrics.stream_duration = &stream_duration_.Add(labels, kStreamDurations);
  } else {
    metrics.in_flight = &in_flight_.Add(labels);
    metrics.duration = &duration_.Add(labels, kDurations);
  }
  return metrics;
}

}  // namespace journeyfeed
