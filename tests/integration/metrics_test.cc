#include <gtest/gtest.h>

#include "google/rpc/code.pb.h"
#include "tests/integration/http.h"
#include "tests/integration/streams.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

// The value of a series as printed; "" if there is no such series.
std::string ValueOf(const std::string& page, const std::string& series) {
  const auto at = page.find('\n' + series + ' ');
  if (at == std::string::npos) return "";
  const auto value = at + series.size() + 2;
  return page.substr(value, page.find('\n', value) - value);
}

std::string Labels(const google::protobuf::MethodDescriptor& method) {
  return "method=\"" + method.name() + "\",service=\"" + method.service()->full_name() + "\"";
}

std::vector<const google::protobuf::MethodDescriptor*> Methods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const auto* file :
       {sessions::CreateRequest::descriptor()->file(), journeys::CreateRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service(0)->method_count(); ++i) methods.push_back(file->service(0)->method(i));
  }
  return methods;
}

class MetricsPage : public ::testing::Test {
 protected:
  std::string Scrape() { return HttpGet(server_.process().metrics_address(), "/metrics"); }
  bool Reaches(const std::string& series, const std::string& value) {
    return Eventually([&] { return ValueOf(Scrape(), series) == value; });
  }

  TestServer server_{TheService().postgres.CreateDatabase("metrics_" + std::to_string(++databases_))};
  static inline int databases_ = 0;
};

TEST_F(MetricsPage, HasEverySeriesAtZeroFromTheStart) {
  const std::string page = Scrape();
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200")) << page.substr(0, 100);
  for (const auto* method : Methods()) {
    const std::string labels = Labels(*method);
    for (int code = 0; code <= 16; ++code) {
      const std::string name = google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
      EXPECT_EQ(ValueOf(page, "journeyfeed_requests_total{code=\"" + name + "\"," + labels + "}"), "0")
          << name << ' ' << labels;
    }
    for (const char* sizes : {"request_size_bytes", "response_size_bytes"}) {
      EXPECT_EQ(ValueOf(page, "journeyfeed_" + std::string(sizes) + "_count{" + labels + "}"), "0") << labels;
    }
    const bool stream = method->server_streaming();
    for (const char* gauge : {"requests_in_flight", "request_duration_seconds_count"}) {
      EXPECT_EQ(ValueOf(page, "journeyfeed_" + std::string(gauge) + "{" + labels + "}"), stream ? "" : "0")
          << gauge << labels;
    }
    for (const char* gauge : {"streams_open", "stream_messages_total", "stream_duration_seconds_count"}) {
      EXPECT_EQ(ValueOf(page, "journeyfeed_" + std::string(gauge) + "{" + labels + "}"), stream ? "0" : "")
          << gauge << labels;
    }
  }
}

TEST_F(MetricsPage, HasTheSeriesOfTheStoreFromTheStart) {
  const std::string page = Scrape();
  for (const char* pool : {"read", "feed", "live_feed", "query", "write"}) {
    const std::string labels = "{pool=\"" + std::string(pool) + "\"}";
    EXPECT_EQ(ValueOf(page, "journeyfeed_pool_waiting" + labels), "0") << pool;
    EXPECT_EQ(ValueOf(page, "journeyfeed_pool_busy" + labels), "0") << pool;
    EXPECT_NE(ValueOf(page, "journeyfeed_pool_sessions" + labels), "") << pool;
  }
  for (const char* cause : {"own", "notification", "poll"}) {
    EXPECT_NE(ValueOf(page, "journeyfeed_commit_looks_total{cause=\"" + std::string(cause) + "\"}"), "") << cause;
  }
  for (const char* entity : {"journey_run_session", "customer_journey"}) {
    const std::string label = "entity=\"" + std::string(entity) + "\"";
    EXPECT_EQ(ValueOf(page, "journeyfeed_write_batch_rows_count{" + label + "}"), "0");
    EXPECT_EQ(ValueOf(page, "journeyfeed_write_batch_duration_seconds_count{" + label + "}"), "0");
    for (const char* cause : {"lock_timeout", "statement_timeout", "disk_full", "connection_lost", "other"}) {
      EXPECT_EQ(
          ValueOf(page, "journeyfeed_write_batches_failed_total{cause=\"" + std::string(cause) + "\"," + label + "}"),
          "0");
    }
    EXPECT_EQ(ValueOf(page, "journeyfeed_log_floor{" + label + "}"), "0");
  }
}

TEST_F(MetricsPage, CountsTheBatchesOfTheStore) {
  SessionClient client(server_.channel());
  ASSERT_TRUE(client.Create("target { " + kSession + " }").ok());
  ASSERT_TRUE(client.Create("target { " + kSession + " }").ok());
  const std::string label = "{entity=\"journey_run_session\"}";
  EXPECT_TRUE(Reaches("journeyfeed_write_batch_duration_seconds_count" + label, "2"));
  EXPECT_TRUE(Reaches("journeyfeed_write_batch_rows_sum" + label, "2"));
  EXPECT_TRUE(Reaches("journeyfeed_log_head" + label, "2"));
  // It is not certain which source announces a commit first, but one of them does.
  double looks = 0;
  const std::string page = Scrape();
  for (const char* cause : {"own", "notification", "poll"}) {
    looks += std::stod("0" + ValueOf(page, "journeyfeed_commit_looks_total{cause=\"" + std::string(cause) + "\"}"));
  }
  EXPECT_EQ(looks, 2);
  EXPECT_TRUE(Reaches("journeyfeed_pool_busy{pool=\"write\"}", "0"));
}

TEST_F(MetricsPage, MovesWithTheCalls) {
  SessionClient client(server_.channel());
  const std::string create = Labels(*Methods()[0]);
  ASSERT_NE(create.find("Create"), std::string::npos);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.Create("target { " + kSession + " }").ok());
  client.Create("");
  EXPECT_TRUE(Reaches("journeyfeed_requests_total{code=\"OK\"," + create + "}", "3"));
  EXPECT_TRUE(Reaches("journeyfeed_requests_total{code=\"INVALID_ARGUMENT\"," + create + "}", "1"));
  const std::string page = Scrape();
  EXPECT_EQ(ValueOf(page, "journeyfeed_request_duration_seconds_count{" + create + "}"), "4");
  EXPECT_EQ(ValueOf(page, "journeyfeed_request_size_bytes_count{" + create + "}"), "4");
  EXPECT_EQ(ValueOf(page, "journeyfeed_requests_in_flight{" + create + "}"), "0");
}

TEST_F(MetricsPage, CountsStreamsWhileTheyAreOpen) {
  const google::protobuf::MethodDescriptor* stream = nullptr;
  for (const auto* method : Methods()) stream = stream == nullptr && method->server_streaming() ? method : stream;
  const std::string labels = Labels(*stream);
  {
    SessionChanges follower(server_.channel(), "follow: true");
    ASSERT_TRUE(follower.Await([](const auto& response) { return !response.more_records(); }));
    EXPECT_TRUE(Reaches("journeyfeed_streams_open{" + labels + "}", "1"));
    const std::string lags = "journeyfeed_feed_lag_seconds_count{entity=\"journey_run_session\"}";
    EXPECT_EQ(ValueOf(Scrape(), lags), "0") << "the load is not late";
    ASSERT_TRUE(SessionClient(server_.channel()).Create("target { " + kSession + " }").ok());
    ASSERT_TRUE(follower.Next());
    EXPECT_TRUE(Reaches(lags, "1"));
  }
  EXPECT_TRUE(Reaches("journeyfeed_streams_open{" + labels + "}", "0"));
  EXPECT_TRUE(Reaches("journeyfeed_requests_total{code=\"CANCELLED\"," + labels + "}", "1"));
  EXPECT_NE(ValueOf(Scrape(), "journeyfeed_stream_messages_total{" + labels + "}"), "0");
}

TEST_F(MetricsPage, IsAllThatTheMetricsPortServes) {
  EXPECT_TRUE(HttpGet(server_.process().metrics_address(), "/").starts_with("HTTP/1.1 404"));
  // Series have a help text and a type, and no name occurs twice: the first things that promtool checks.
  const std::string page = Scrape();
  EXPECT_NE(page.find("# HELP journeyfeed_requests_total"), std::string::npos);
  EXPECT_NE(page.find("# TYPE journeyfeed_requests_total counter"), std::string::npos);
}

// With the retry policy of docs/operations.md. An error that would come again has no RetryInfo.
TEST(RetryPolicy, AnErrorThatComesAgainIsNotRetried) {
  TestServer server(TheService().postgres.CreateDatabase("retry_policy"), {"--aggregate-record-limit", "1"});
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(R"({"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 5,
      "initialBackoff": "0.01s", "maxBackoff": "0.01s", "backoffMultiplier": 1,
      "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"]}}]})");
  JourneyClient client(
      grpc::CreateCustomChannel(server.process().address(), grpc::InsecureChannelCredentials(), arguments));
  for (const char* name : {"one", "two"}) {
    ASSERT_TRUE(client.Create("target { name: " + Quote(name) + " }").ok());
  }
  const auto answer = client.Send(&journeys::CustomerJourneyService::Stub::RetrieveMultiple,
                                  Parse<journeys::RetrieveMultipleRequest>("apply: 'aggregate($count as n)'"));
  EXPECT_EQ(answer.ending.code, grpc::StatusCode::RESOURCE_EXHAUSTED) << answer.ending;
  EXPECT_FALSE(answer.ending.retry_after);
  const std::string calls =
      "journeyfeed_requests_total{code=\"RESOURCE_EXHAUSTED\"," +
      Labels(*journeys::CreateRequest::descriptor()->file()->service(0)->FindMethodByName("RetrieveMultiple")) + "}";
  EXPECT_EQ(ValueOf(HttpGet(server.process().metrics_address(), "/metrics"), calls), "1");
}

}  // namespace
}  // namespace journeyfeed::testing
