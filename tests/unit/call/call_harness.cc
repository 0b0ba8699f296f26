#include "tests/unit/call/call_harness.h"

#include <fcntl.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>

namespace journeyfeed::testing {

Settings TestSettings(const std::vector<std::string>& flags) {
  std::vector<std::string> arguments = {"--address=127.0.0.1:0", "--metrics-address=127.0.0.1:0"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return ReadInvocation(arguments, {}).value().settings;
}

Harness::Harness(const std::vector<std::string>& flags, std::size_t memory)
    : metrics_(std::make_shared<prometheus::Registry>()),
      pool_(memory),
      service_(kSessionService, metrics_, call::Policy{.pool = &pool_}) {
  service_.Unary<pb::CreateRequest, pb::CreateResponse>("Create",
                                                        [this](CreateCall call) { on_create(std::move(call)); });
  service_.Unary<pb::DeleteRequest, pb::DeleteResponse>("Delete",
                                                        [this](DeleteCall call) { on_delete(std::move(call)); });
  service_.Stream<pb::RetrieveEntityChangesRequest, pb::RetrieveEntityChangesResponse>(
      "RetrieveEntityChanges", [this](call::StreamArguments arguments, pb::RetrieveEntityChangesRequest request) {
        return on_stream(std::move(arguments), std::move(request));
      });
  auto server = Server::Start(
      TestSettings(flags),
      {.services = {{&service_, service_.full_name()}}, .metrics = metrics_.shared_registry(), .on_drain = [this] {
         if (on_drain) on_drain();
       }});
  if (!server) throw std::runtime_error(server.error());
  server_ = *std::move(server);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  channel_ = grpc::CreateCustomChannel(server_->bound().address, grpc::InsecureChannelCredentials(), arguments);
  stub_ = pb::JourneyRunSessionService::NewStub(channel_);
}

grpc::Status Harness::Raw(const std::string& name, const std::string& bytes, grpc::ClientContext& context) {
  const std::string path = std::string("/") + kSessionService + "/" + name;
  const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, channel_);
  grpc::Slice slice(bytes);
  grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(channel_.get(), method, &context,
                                                                               request, &response);
}

grpc::Status Harness::Delete(grpc::ClientContext& context, pb::DeleteResponse* response) {
  pb::DeleteRequest request;
  request.mutable_target()->set_id("6628bbf7-c52a-e911-a9b7-000d3a1e6adc");
  pb::DeleteResponse unused;
  return stub_->Delete(&context, request, response ? response : &unused);
}

double Harness::Metric(const std::string& name, const std::string& method, const std::string& code) {
  for (const auto& family : metrics_.registry().Collect()) {
    if (family.name != "journeyfeed_" + name) continue;
    for (const auto& metric : family.metric) {
      std::string labels;
      bool matches = true;
      for (const auto& label : metric.label) {
        if (label.name == "method") matches &= label.value == method;
        if (label.name == "service") matches &= label.value == kSessionService;
        if (label.name == "code") matches &= label.value == code;
      }
      if (!matches) continue;
      if (family.type == prometheus::MetricType::Histogram) return static_cast<double>(metric.histogram.sample_count);
      return family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
    }
  }
  return -1;
}

Details DetailsOf(const grpc::Status& status) {
  Details details;
  EXPECT_TRUE(details.status.ParseFromString(status.error_details()));
  for (const auto& any : details.status.details()) {
    if (any.UnpackTo(&details.info)) {
      ++details.infos;
    } else if (any.UnpackTo(&details.bad_request)) {
      ++details.bad_requests;
    } else if (any.UnpackTo(&details.retry)) {
      ++details.retries;
    } else {
      ++details.others;
    }
  }
  EXPECT_EQ(details.infos, 1);
  EXPECT_LE(details.bad_requests, 1);
  EXPECT_LE(details.retries, 1);
  EXPECT_EQ(details.others, 0);
  EXPECT_EQ(details.info.domain(), "journeyfeed");
  EXPECT_EQ(details.status.code(), status.error_code());
  EXPECT_EQ(details.status.message(), status.error_message());
  return details;
}

LogCapture::LogCapture(LogLevel level)
    : descriptor_(::open((directory_ / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600)) {
  StartLogging(level, descriptor_);
}

LogCapture::~LogCapture() {
  StartLogging(LogLevel::kInfo);
  FlushLog();
  ::close(descriptor_);
}

std::vector<nlohmann::json> LogCapture::Lines() {
  FlushLog();
  std::vector<nlohmann::json> lines;
  std::istringstream text(ReadFile(directory_ / "log"));
  for (std::string line; std::getline(text, line);) {
    lines.push_back(nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false));
    EXPECT_TRUE(lines.back().is_object()) << line;
  }
  return lines;
}

std::vector<nlohmann::json> LogCapture::Lines(const std::string& message) {
  auto lines = Lines();
  std::erase_if(lines, [&](const nlohmann::json& line) { return line.value("msg", "") != message; });
  return lines;
}

}  // namespace journeyfeed::testing
