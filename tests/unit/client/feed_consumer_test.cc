// What FeedConsumer makes of streams that end, break, fall silent or lose their place. The service is scripted: a real
// one does these things too rarely.
#include "journeyfeed/client/feed_consumer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journeyfeed/client/channel.h"
#include "journeyfeed/client/typed.h"
#include "tests/support/eventually.h"
#include "tests/unit/cli/fake_service.h"

namespace journeyfeed::client {
namespace {

using cli::testing::AwaitCancel;
using cli::testing::Changes;
using cli::testing::FakeService;
using cli::testing::FakeSessions;
using cli::testing::MakeError;
using journeyfeed::testing::Eventually;
using journeyrunsession::v1::JourneyRunSession;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using Request = FakeSessions::Request;
using Writer = FakeSessions::Writer;
using Clock = std::chrono::steady_clock;

grpc::Status Gone(std::optional<int> retry_milliseconds = {}) {
  return MakeError(grpc::StatusCode::UNAVAILABLE, "SERVICE_UNAVAILABLE", "gone",
                   {.retry_milliseconds = retry_milliseconds});
}

class FeedConsumerTest : public ::testing::Test {
 protected:
  FeedOptions Options() {
    FeedOptions options{.service = ServiceOf<JourneyRunSession>()};
    options.on_retry = [this](const FeedError& error, milliseconds pause) {
      errors_.push_back(error.ToText());
      pauses_.push_back(pause);
    };
    return options;
  }

  FeedConsumer& Make(FeedOptions options) {
    return consumer_.emplace(MakeChannel(service_.address, grpc::InsecureChannelCredentials()), std::move(options));
  }

  // Runs until the version `last` has come, or `last` is 0 and the run ends.
  std::expected<void, FeedError> Run(FeedConsumer& consumer, std::int64_t last, Checkpoint from = {},
                                     std::stop_token stop = {}) {
    return consumer.Run(
        std::move(from),
        [&](const Batch& batch) {
          place_ = batch.checkpoint;
          for (const auto& change : batch.message.changes()) versions_.push_back(change.version_number());
          return last > 0 && !versions_.empty() && versions_.back() >= last ? Next::kStop : Next::kContinue;
        },
        stop);
  }

  FakeService service_;
  std::optional<FeedConsumer> consumer_;
  std::vector<std::string> errors_;
  std::vector<milliseconds> pauses_;
  std::vector<std::int64_t> versions_;
  Checkpoint place_;
};

TEST_F(FeedConsumerTest, ContinuesAfterTheLastBatchWhenAStreamEndsOrBreaks) {
  service_.sessions.stream = [](int call, const Request& request, Writer& writer, grpc::ServerContext&) {
    EXPECT_EQ(request.data_version(), call == 0 ? "" : "t" + std::to_string(2 * call));
    writer.Write(Changes(2 * call + 1, 2 * call + 2));
    return call == 0 ? Gone() : grpc::Status::OK;
  };
  ASSERT_TRUE(Run(Make(Options()), 6));
  EXPECT_THAT(versions_, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(place_.token, "t6");
  EXPECT_EQ(consumer_->health().reconnects, 2);
}

TEST_F(FeedConsumerTest, AMessageBeginsTheBackoffAnew) {
  service_.sessions.stream = [](int call, const Request&, Writer& writer, grpc::ServerContext&) {
    if (call < 2) return Gone();
    writer.Write(Changes(call, call));
    return call < 4 ? Gone() : grpc::Status::OK;
  };
  ASSERT_TRUE(Run(Make(Options()), 4));
  EXPECT_THAT(pauses_, ElementsAre(AllOf(Ge(milliseconds(160)), Le(milliseconds(240))),
                                   AllOf(Ge(milliseconds(320)), Le(milliseconds(480))),
                                   AllOf(Ge(milliseconds(160)), Le(milliseconds(240))),
                                   AllOf(Ge(milliseconds(160)), Le(milliseconds(240)))));
}

TEST_F(FeedConsumerTest, WaitsAsLongAsTheServiceAsks) {
  std::vector<Clock::time_point> calls;
  service_.sessions.stream = [&](int call, const Request&, Writer& writer, grpc::ServerContext&) {
    calls.push_back(Clock::now());
    if (call == 0) return Gone(700);
    auto message = Changes(call, call);
    message.mutable_stream_end()->mutable_reconnect_after()->set_nanos(600'000'000);
    writer.Write(message);
    return grpc::Status::OK;
  };
  ASSERT_TRUE(Run(Make(Options()), 2));
  EXPECT_GE(calls.at(1) - calls.at(0), milliseconds(700)) << "RetryInfo";
  EXPECT_GE(calls.at(2) - calls.at(1), milliseconds(600)) << "reconnect_after";
  EXPECT_THAT(errors_, ElementsAre("UNAVAILABLE / SERVICE_UNAVAILABLE: gone")) << "an end in order is no error";
}

TEST_F(FeedConsumerTest, AStreamThatIsSilentIsReplaced) {
  service_.sessions.stream = [](int call, const Request& request, Writer& writer, grpc::ServerContext& context) {
    EXPECT_EQ(request.progress_interval().nanos(), 200'000'000);
    writer.Write(Changes(call + 1, call + 1));
    if (call == 0) AwaitCancel(context);
    return grpc::Status::OK;
  };
  FeedOptions options = Options();
  options.progress_interval = milliseconds(200);
  ASSERT_TRUE(Run(Make(std::move(options)), 2));
  EXPECT_THAT(errors_, ElementsAre("UNAVAILABLE: the stream was silent for 1000 ms"));
  EXPECT_EQ(service_.sessions.requests().at(1).data_version(), "t1");
}

TEST_F(FeedConsumerTest, AHandlerThatTakesLongIsNoSilence) {
  service_.sessions.stream = [](int, const Request&, Writer& writer, grpc::ServerContext&) {
    for (int version = 1; version <= 2; ++version) writer.Write(Changes(version, version));
    return grpc::Status::OK;
  };
  FeedOptions options = Options();
  options.progress_interval = milliseconds(100);
  const auto handle = [until = Clock::time_point()](const Batch& batch) mutable {
    until = Clock::now() + milliseconds(1200);
    EXPECT_TRUE(Eventually([&] { return Clock::now() > until; }));
    return batch.message.data_token() == "t2" ? Next::kStop : Next::kContinue;
  };
  ASSERT_TRUE(Make(std::move(options)).Run({}, handle));
  EXPECT_THAT(errors_, ElementsAre());
}

TEST_F(FeedConsumerTest, APermanentErrorIsAValue) {
  service_.sessions.stream = [](int call, const Request&, Writer& writer, grpc::ServerContext& context) {
    context.AddInitialMetadata("x-correlation-id", "of-the-service");
    if (call == 0) writer.Write(Changes(1, 1));
    return call == 0 ? Gone() : MakeError(grpc::StatusCode::INVALID_ARGUMENT, "FEED_TOKEN_INVALID", "damaged");
  };
  const auto ran = Run(Make(Options()), 0);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().reason, "FEED_TOKEN_INVALID");
  EXPECT_EQ(ran.error().action, "Give a token of this feed as it was received.");
  EXPECT_EQ(ran.error().correlation_id, "of-the-service");
  EXPECT_EQ(consumer_->health().last_error->reason, "FEED_TOKEN_INVALID");
  EXPECT_FALSE(consumer_->health().connected);
}

TEST_F(FeedConsumerTest, GivesUpAfterSoManyAttemptsUntilThereWasAMessage) {
  service_.sessions.stream = [](int call, const Request&, Writer& writer, grpc::ServerContext&) {
    if (call == 2) writer.Write(Changes(1, 1));
    return call < 5 ? Gone() : MakeError(grpc::StatusCode::UNIMPLEMENTED, "", "");
  };
  FeedOptions options = Options();
  options.max_attempts = 2;
  const auto first = Run(Make(options), 0);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(service_.sessions.requests().size(), 2u);
  const auto second = Run(Make(options), 0);  // a message, then three failures
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(FeedConsumerTest, AStopEndsThePauseAndTheStream) {
  std::stop_source stop;
  service_.sessions.stream = [&](int call, const Request&, Writer& writer, grpc::ServerContext& context) {
    if (call == 0) return Gone(30'000);
    writer.Write(Changes(1, 1));
    AwaitCancel(context);
    return grpc::Status::OK;
  };
  FeedOptions options = Options();
  options.on_retry = [&](const FeedError&, milliseconds) { stop.request_stop(); };
  const auto began = Clock::now();
  EXPECT_TRUE(Run(Make(std::move(options)), 0, {}, stop.get_token()));
  std::stop_source second;
  std::jthread stopper([&] {
    EXPECT_TRUE(Eventually([&] { return consumer_->health().messages == 1; }));
    EXPECT_TRUE(consumer_->health().connected);
    second.request_stop();
  });
  EXPECT_TRUE(Run(*consumer_, 0, {}, second.get_token()));
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(20));
}

TEST_F(FeedConsumerTest, HealthTellsHowItIsDoing) {
  auto message = Changes(1, 3);
  message.mutable_progress()->mutable_as_of()->set_seconds(1'700'000'000);
  message.mutable_progress()->mutable_lag()->set_nanos(250'000'000);
  service_.sessions.stream = [&](int, const Request&, Writer& writer, grpc::ServerContext&) {
    writer.Write(message);
    return grpc::Status::OK;
  };
  FeedOptions options = Options();
  options.follow = false;
  ASSERT_TRUE(Run(Make(std::move(options)), 0));
  const FeedHealth health = consumer_->health();
  EXPECT_EQ(health.changes, 3);
  EXPECT_EQ(health.bytes, static_cast<std::int64_t>(message.ByteSizeLong()));
  EXPECT_EQ(health.lag, milliseconds(250));
  EXPECT_EQ(health.as_of, FeedHealth::Time(std::chrono::seconds(1'700'000'000)));
  EXPECT_TRUE(health.last_message.has_value());
  EXPECT_EQ(health.reconnects, 0);
}

TEST_F(FeedConsumerTest, AnExpiredTokenLoadsAgainOnlyIfItMay) {
  service_.sessions.stream = [](int, const Request& request, Writer& writer, grpc::ServerContext&) {
    if (!request.data_version().empty()) {
      return MakeError(grpc::StatusCode::FAILED_PRECONDITION, "FEED_HISTORY_CHANGED", "went back");
    }
    writer.Write(Changes(1, 1));
    return grpc::Status::OK;
  };
  FeedOptions options = Options();
  options.when_lost = WhenLost::kReloadWhenExpired;
  const Checkpoint from{.token = "old", .generation = 1, .loading = false};
  const auto refused = Run(Make(options), 1, from);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().IsOfLostHistory());
  options.when_lost = WhenLost::kReload;
  ASSERT_TRUE(Run(Make(options), 1, from));
  EXPECT_EQ(place_, (Checkpoint{.token = "t1", .generation = 2, .loading = true}));
  EXPECT_EQ(consumer_->health().resyncs, 1);
}

}  // namespace
}  // namespace journeyfeed::client
