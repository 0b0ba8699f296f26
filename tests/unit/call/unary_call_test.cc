#include "services/call/unary_call.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/unit/call/call_harness.h"

namespace journeyfeed::call {
namespace {

using testing::CreateCall;
using testing::DeleteCall;
using testing::DetailsOf;
using testing::Eventually;
using testing::Harness;
using testing::LogCapture;
namespace pb = testing::pb;

pb::DeleteResponse Version(std::int64_t version) {
  pb::DeleteResponse response;
  response.set_version_number(version);
  return response;
}

// A DeleteRequest whose request_id is `size` bytes long; for other messages a request with an unknown field.
std::string RequestOfSize(std::size_t size) {
  pb::DeleteRequest request;
  request.set_request_id(std::string(size, 'x'));
  return request.SerializeAsString();
}

// A handler that must not be called.
template <typename Handle>
void NotReached(Handle call) {
  ADD_FAILURE() << "the handler ran";
  call.Finish(std::unexpected(Failure{entity::v1::ERROR_REASON_UNEXPECTED, ""}));
}

TEST(UnaryCall, ACompressedRequestIsRefusedBeforeItIsInflated) {
  Harness harness;
  harness.on_delete = NotReached<DeleteCall>;
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    const auto status = harness.DeleteRaw(RequestOfSize(1 << 20), context);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
  }
}

TEST(UnaryCall, AnswersCountsAndLogs) {
  LogCapture log;
  Harness harness;
  harness.on_delete = [](DeleteCall call) {
    EXPECT_EQ(call.request().target().id(), "6628bbf7-c52a-e911-a9b7-000d3a1e6adc");
    EXPECT_EQ(call.context().method, "Delete");
    EXPECT_FALSE(call.cancelled());
    call.Finish(Version(17));
  };
  grpc::ClientContext context;
  pb::DeleteResponse response;
  const auto status = harness.Delete(context, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.version_number(), 17);
  EXPECT_EQ(harness.Metric("requests_total", "Delete", "OK"), 1);
  EXPECT_EQ(harness.Metric("request_duration_seconds", "Delete"), 1);
  EXPECT_EQ(harness.Metric("request_size_bytes", "Delete"), 1);
  EXPECT_EQ(harness.Metric("response_size_bytes", "Delete"), 1);
  EXPECT_EQ(harness.Metric("requests_in_flight", "Delete"), 0);
  const auto lines = log.Lines("call");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["method"], std::string(testing::kSessionService) + "/Delete");
  EXPECT_EQ(lines[0]["code"], "OK");
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_GE(lines[0]["duration_ms"].get<double>(), 0);
  EXPECT_EQ(lines[0]["correlation_id"].get<std::string>().size(), 36u);
}

TEST(UnaryCall, AnEmptyResponseIsOne) {
  Harness harness;
  harness.on_delete = [](DeleteCall call) { call.Finish(pb::DeleteResponse()); };
  grpc::ClientContext context;
  EXPECT_TRUE(harness.Delete(context).ok());
}

TEST(UnaryCall, BytesThatAreNoMessage) {
  Harness harness;
  harness.on_delete = NotReached<DeleteCall>;
  pb::DeleteRequest request;
  request.set_request_id("0123456789");
  std::string bad_utf8 = request.SerializeAsString();
  bad_utf8.back() = '\xFF';
  for (const std::string& bytes : {std::string("\xFF\xFF\xFF garbage"), bad_utf8}) {
    grpc::ClientContext context;
    const auto status = harness.DeleteRaw(bytes, context);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(DetailsOf(status).info.reason(), "INVALID_ARGUMENT");
  }
  EXPECT_EQ(harness.Metric("requests_total", "Delete", "INVALID_ARGUMENT"), 2);
}

TEST(UnaryCall, RequestsUpToTheLimitAreServed) {
  Harness harness;
  harness.on_create = [](CreateCall call) { call.Finish(pb::CreateResponse()); };
  harness.on_delete = [](DeleteCall call) { call.Finish(pb::DeleteResponse()); };
  grpc::ClientContext context;
  EXPECT_TRUE(harness.CreateRaw(RequestOfSize((16 << 20) - 16), context).ok());
  grpc::ClientContext plain;
  EXPECT_TRUE(harness.DeleteRaw(RequestOfSize((2 << 20) - 16), plain).ok());
}

TEST(UnaryCall, LargerRequestsGetAFullError) {
  Harness harness;
  harness.on_create = NotReached<CreateCall>;
  for (const std::size_t size : {std::size_t{16} << 20, std::size_t{33} << 19}) {
    grpc::ClientContext context;
    const auto status = harness.CreateRaw(RequestOfSize(size), context);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    const auto details = DetailsOf(status);
    EXPECT_EQ(details.info.reason(), "REQUEST_LENGTH_TOO_LARGE");
    EXPECT_EQ(details.info.metadata().at("max_bytes"), "16777216");
    EXPECT_EQ(details.info.metadata().at("code"), "0x8004418A");
  }
  grpc::ClientContext context;
  const auto status = harness.CreateRaw(RequestOfSize(18 << 20), context);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_details(), "");
}

// A request without a record is short: 16 MB must not be read and parsed for an id.
TEST(UnaryCall, RequestsWithoutARecordHaveALowerLimit) {
  Harness harness;
  harness.on_delete = NotReached<DeleteCall>;
  for (const std::string method : {"Delete", "RetrieveEntityChanges"}) {
    grpc::ClientContext context;
    const auto status = harness.Raw(method, RequestOfSize(2 << 20), context);
    EXPECT_EQ(DetailsOf(status).info.reason(), "REQUEST_LENGTH_TOO_LARGE");
    EXPECT_EQ(DetailsOf(status).info.metadata().at("max_bytes"), "2097152");
  }
}

// The harness's methods keep our default limit of 16 MiB: a complete error shows that gRPC passed the request on.
TEST(UnaryCall, GrpcsLimitFollowsTheSetting) {
  Harness harness({"--max-message-bytes", "60MiB"});
  harness.on_create = NotReached<CreateCall>;
  grpc::ClientContext context;
  const auto status = harness.CreateRaw(RequestOfSize(60 << 20), context);
  EXPECT_EQ(DetailsOf(status).info.reason(), "REQUEST_LENGTH_TOO_LARGE");
}

// A call that was started, and its end.
class Sent {
 public:
  Sent(Harness& harness, std::size_t size, std::chrono::milliseconds limit = std::chrono::minutes(1))
      : context_(WithDeadline(limit)), status_(std::async(std::launch::async, [this, &harness, size] {
          return harness.CreateRaw(RequestOfSize(size), *context_);
        })) {}
  grpc::Status Await() { return status_.get(); }

 private:
  static std::unique_ptr<grpc::ClientContext> WithDeadline(std::chrono::milliseconds limit) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + limit);
    return context;
  }

  std::unique_ptr<grpc::ClientContext> context_;
  std::future<grpc::Status> status_;
};

TEST(UnaryCall, LargeRequestsDoNotKeepSmallOnes) {
  Harness harness;
  std::atomic<int> busy = 0;
  std::promise<void> go;
  harness.on_create = [&, gone = go.get_future().share()](const CreateCall& call) {
    ++busy;
    gone.wait();
    call.Finish(pb::CreateResponse());
  };
  harness.on_delete = [](DeleteCall call) { call.Finish(pb::DeleteResponse()); };
  Sent first(harness, 1 << 20), second(harness, 1 << 20), third(harness, 1 << 20);
  EXPECT_TRUE(Eventually([&] { return busy == 2; }));
  for (int i = 0; i < 8; ++i) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    EXPECT_TRUE(harness.Delete(context).ok());
  }
  EXPECT_EQ(busy, 2);
  go.set_value();
  for (Sent* sent : {&first, &second, &third}) EXPECT_TRUE(sent->Await().ok());
}

TEST(UnaryCall, LargeRequestsWhoseTurnComesTooLateAreNotHandled) {
  Harness harness;
  std::atomic<int> busy = 0;
  std::promise<void> go;
  harness.on_create = [&, gone = go.get_future().share()](const CreateCall& call) {
    ++busy;
    gone.wait();
    call.Finish(pb::CreateResponse());
  };
  Sent first(harness, 1 << 20), second(harness, 1 << 20);
  EXPECT_TRUE(Eventually([&] { return busy == 2; }));
  const std::size_t taken = harness.pool().taken();
  constexpr std::chrono::milliseconds kLimit{200};
  Sent third(harness, 1 << 20, kLimit);
  EXPECT_TRUE(Eventually([&] { return harness.pool().taken() > taken; }));
  const auto over = std::chrono::steady_clock::now() + kLimit * 2;  // it has arrived: its deadline is before that
  EXPECT_EQ(third.Await().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] { return std::chrono::steady_clock::now() > over; }));
  go.set_value();
  EXPECT_TRUE(first.Await().ok());
  EXPECT_TRUE(second.Await().ok());
  EXPECT_TRUE(Eventually([&] { return harness.pool().taken() == 0; }));
  EXPECT_EQ(busy, 2);
  EXPECT_EQ(harness.Metric("requests_total", "Create", "DEADLINE_EXCEEDED"), 1);
}

TEST(UnaryCall, LargeRequestsBeyondTheMemoryAreRefusedUntilThereIsSome) {
  Harness harness({}, /*memory=*/6 << 20);
  std::promise<CreateCall> arrived;
  harness.on_create = [&](CreateCall call) { arrived.set_value(std::move(call)); };
  harness.on_delete = [](DeleteCall call) { call.Finish(pb::DeleteResponse()); };
  Sent first(harness, 1 << 20);
  {
    const CreateCall call = arrived.get_future().get();
    grpc::ClientContext context;
    const auto status = harness.CreateRaw(RequestOfSize(1 << 20), context);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(DetailsOf(status).info.reason(), "OVERLOADED");
    EXPECT_EQ(DetailsOf(status).retries, 1);
    grpc::ClientContext small;
    EXPECT_TRUE(harness.Delete(small).ok());
    call.Finish(pb::CreateResponse());
  }
  EXPECT_TRUE(first.Await().ok());
  EXPECT_TRUE(Eventually([&] { return harness.pool().taken() == 0; })) << "the request gives its memory back";
  harness.on_create = [](const CreateCall& call) { call.Finish(pb::CreateResponse()); };
  EXPECT_TRUE(Sent(harness, 1 << 20).Await().ok());
}

TEST(UnaryCall, ExceptionsOnThePoolStayInside) {
  Harness harness;
  harness.on_create = [](const CreateCall&) { throw std::runtime_error("x"); };
  for (int i = 0; i < 4; ++i) {
    const auto status = Sent(harness, 1 << 20).Await();
    EXPECT_EQ(DetailsOf(status).info.reason(), "UNEXPECTED");
  }
}

TEST(UnaryCall, ErrorsOfTheHandlerArriveWhole) {
  LogCapture log;
  Harness harness;
  harness.on_delete = [](DeleteCall call) {
    std::vector<FieldViolation> violations(10'000, {"target.id", "no UUID", entity::v1::ERROR_REASON_INVALID_ARGUMENT});
    call.Finish(std::unexpected(InvalidFields(std::move(violations))));
  };
  grpc::ClientContext context;
  const auto status = harness.Delete(context);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailsOf(status).info.metadata().at("violations_total"), "10000");
  EXPECT_GT(DetailsOf(status).bad_request.field_violations_size(), 10);
  ASSERT_EQ(log.Lines("call").size(), 1u);
  EXPECT_EQ(log.Lines("call")[0]["reason"], "INVALID_ARGUMENT");
}

TEST(UnaryCall, ExceptionsStayInside) {
  LogCapture log;
  Harness harness;
  harness.on_delete = [](DeleteCall) { throw std::runtime_error("password=geheim"); };
  grpc::ClientContext context;
  auto status = harness.Delete(context);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(DetailsOf(status).info.reason(), "UNEXPECTED");
  EXPECT_EQ(status.error_message().find("geheim"), std::string::npos);
  EXPECT_EQ(status.error_details().find("geheim"), std::string::npos);
  ASSERT_EQ(log.Lines("exception in a handler").size(), 1u);
  EXPECT_EQ(log.Lines("exception in a handler")[0]["what"], "password=geheim");

  harness.on_delete = [](DeleteCall) { throw 17; };
  grpc::ClientContext second;
  EXPECT_EQ(harness.Delete(second).error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(harness.Metric("requests_total", "Delete", "INTERNAL"), 2);
  EXPECT_EQ(harness.Metric("requests_in_flight", "Delete"), 0);
}

TEST(UnaryCall, ADroppedCallIsAnInternalError) {
  Harness harness;
  harness.on_delete = [](DeleteCall) {};
  grpc::ClientContext context;
  EXPECT_EQ(harness.Delete(context).error_code(), grpc::StatusCode::INTERNAL);
  // Also if it is dropped elsewhere and later, with copies.
  harness.on_delete = [](DeleteCall call) { std::thread([call, copy = call] {}).detach(); };
  grpc::ClientContext second;
  EXPECT_EQ(DetailsOf(harness.Delete(second)).info.reason(), "UNEXPECTED");
}

TEST(UnaryCall, FinishesFromAnotherThreadAndOnlyOnce) {
  LogCapture log;
  Harness harness;
  for (int round = 0; round < 100; ++round) {
    std::vector<std::thread> threads;
    harness.on_delete = [&](DeleteCall call) {
      for (int t = 1; t <= 3; ++t) threads.emplace_back([call, t] { call.Finish(Version(t)); });
    };
    grpc::ClientContext context;
    pb::DeleteResponse response;
    EXPECT_TRUE(harness.Delete(context, &response).ok());
    EXPECT_THAT(response.version_number(), ::testing::AllOf(::testing::Ge(1), ::testing::Le(3)));
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(harness.Metric("requests_total", "Delete", "OK"), 100);
  EXPECT_EQ(log.Lines("a call was finished twice").size(), 200u);
}

TEST(UnaryCall, LateAnswersCountAsTheCallerSawThem) {
  Harness harness;
  std::promise<DeleteCall> arrived;
  harness.on_delete = [&](DeleteCall call) { arrived.set_value(std::move(call)); };
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  EXPECT_EQ(harness.Delete(context).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  {
    const DeleteCall call = arrived.get_future().get();
    EXPECT_TRUE(call.context().caller_deadline);
    EXPECT_TRUE(Eventually([&] { return call.cancelled(); }));
    call.Finish(Version(1));
  }
  EXPECT_EQ(harness.Metric("requests_total", "Delete", "DEADLINE_EXCEEDED"), 1);
  EXPECT_EQ(harness.Metric("requests_total", "Delete", "OK"), 0);
}

TEST(UnaryCall, CancelledCallsCountAsCancelled) {
  LogCapture log;
  Harness harness;
  std::promise<DeleteCall> arrived;
  harness.on_delete = [&](DeleteCall call) { arrived.set_value(std::move(call)); };
  grpc::ClientContext context;
  auto status = std::async(std::launch::async, [&] { return harness.Delete(context); });
  {
    const DeleteCall call = arrived.get_future().get();
    EXPECT_FALSE(call.context().caller_deadline);
    const auto left = call.context().deadline - std::chrono::steady_clock::now();
    EXPECT_GT(left, std::chrono::seconds(20));
    EXPECT_LE(left, std::chrono::seconds(30));
    context.TryCancel();
    EXPECT_TRUE(Eventually([&] { return call.cancelled(); }));
    call.Finish(Version(1));
    EXPECT_TRUE(call.cancelled());  // handles stay usable after the end
    EXPECT_EQ(call.context().method, "Delete");
  }
  EXPECT_EQ(status.get().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(harness.Metric("requests_total", "Delete", "CANCELLED"), 1);
  ASSERT_EQ(log.Lines("call").size(), 1u);
  EXPECT_EQ(log.Lines("call")[0]["code"], "CANCELLED");
  EXPECT_EQ(log.Lines("call")[0]["outcome"], "OK");
}

TEST(UnaryCall, CorrelationIsAnswered) {
  Harness harness;
  harness.on_delete = [](DeleteCall call) { call.Finish(Version(1)); };
  const auto answered = [&](const std::string& name, const std::string& value) {
    grpc::ClientContext context;
    if (!name.empty()) context.AddMetadata(name, value);
    EXPECT_TRUE(harness.Delete(context).ok());
    const auto& metadata = context.GetServerInitialMetadata();
    EXPECT_EQ(metadata.count(kCorrelationHeader), 1u);
    const auto found = metadata.find(kCorrelationHeader);
    return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
  };
  EXPECT_EQ(answered(kCorrelationHeader, "order 17"), "order 17");
  EXPECT_EQ(answered(kTraceHeader, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(answered(kCorrelationHeader, std::string(200, 'x')).size(), 36u);
  EXPECT_EQ(answered("", "").size(), 36u);
}

TEST(UnaryCall, MalformedIdentityIsTheCallersFault) {
  Harness harness;
  harness.on_delete = NotReached<DeleteCall>;
  grpc::ClientContext context;
  context.AddMetadata(kUserHeader, "me");
  context.AddMetadata(kOnBehalfHeader, "you");
  context.AddMetadata(kCorrelationHeader, "c1");
  const auto status = harness.Delete(context);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto details = DetailsOf(status);
  ASSERT_EQ(details.bad_request.field_violations_size(), 2);
  EXPECT_EQ(details.bad_request.field_violations(0).field(), "x-user-id");
  EXPECT_EQ(details.bad_request.field_violations(1).field(), "x-on-behalf-of");
  EXPECT_EQ(context.GetServerInitialMetadata().count(kCorrelationHeader), 1u);
}

TEST(UnaryCall, MethodsWithoutHandlerAreUnimplemented) {
  Harness harness;
  grpc::ClientContext context;
  pb::RetrieveResponse response;
  EXPECT_EQ(harness.stub().Retrieve(&context, {}, &response).error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace journeyfeed::call
