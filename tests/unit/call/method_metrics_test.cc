#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>

#include "google/rpc/code.pb.h"
#include "services/metrics.h"
#include "tests/unit/call/call_harness.h"

namespace journeyfeed {
namespace {

using testing::Harness;

TEST(Metrics, EverySeriesIsThereAtZero) {
  Harness harness;
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(testing::kSessionService);
  ASSERT_NE(service, nullptr);
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& method = *service->method(i);
    for (int code = 0; code < kStatusCodes; ++code) {
      const auto& name = google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
      EXPECT_EQ(harness.Metric("requests_total", method.name(), name), 0) << method.name() << name;
    }
    EXPECT_EQ(harness.Metric("request_size_bytes", method.name()), 0);
    EXPECT_EQ(harness.Metric("response_size_bytes", method.name()), 0);
    const bool stream = method.server_streaming();
    EXPECT_EQ(harness.Metric("requests_in_flight", method.name()), stream ? -1 : 0);
    EXPECT_EQ(harness.Metric("request_duration_seconds", method.name()), stream ? -1 : 0);
    EXPECT_EQ(harness.Metric("streams_open", method.name()), stream ? 0 : -1);
    EXPECT_EQ(harness.Metric("stream_messages_total", method.name()), stream ? 0 : -1);
    EXPECT_EQ(harness.Metric("stream_duration_seconds", method.name()), stream ? 0 : -1);
  }
}

}  // namespace
}  // namespace journeyfeed
