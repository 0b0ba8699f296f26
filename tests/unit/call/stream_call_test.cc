#include "services/call/stream_call.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <random>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/unit/call/call_harness.h"

namespace journeyfeed::call {
namespace {

using testing::DetailsOf;
using testing::Eventually;
using testing::Harness;
using testing::LogCapture;
namespace pb = testing::pb;

StreamCall::Message MakeMessage(const std::string& token, std::size_t padding = 0) {
  pb::RetrieveEntityChangesResponse response;
  response.set_data_token(token);
  if (padding > 0) {
    response.add_changes()->mutable_new_or_updated_entity()->set_session(std::string(padding, 'x'));
  }
  return std::make_shared<const grpc::ByteBuffer>(SerializeMessage(response));
}

// A stream with the callbacks of a test; counts the calls of its callbacks.
class TestStream : public StreamCall {
 public:
  struct Script {
    std::function<void(TestStream&)> on_start = [](TestStream&) {};
    std::function<void(TestStream&, bool)> on_written = [](TestStream&, bool) {};
    std::atomic<int> written = 0, lost = 0, cancelled = 0;
  };
  TestStream(StreamArguments arguments, Script& script) : StreamCall(std::move(arguments)), script_(script) {}
  using StreamCall::EndingOnException;

 private:
  void OnStart() override { script_.on_start(*this); }
  void OnWritten(bool ok) override {
    ++(ok ? script_.written : script_.lost);
    script_.on_written(*this, ok);
  }
  void OnCancelled() override { ++script_.cancelled; }
  Script& script_;
};

// A server with such a stream, and one client of it.
class StreamCallTest : public ::testing::Test {
 protected:
  StreamCallTest() {
    harness_.on_stream = [this](StreamArguments arguments,
                                pb::RetrieveEntityChangesRequest) -> Result<std::shared_ptr<StreamCall>> {
      auto stream = std::make_shared<TestStream>(std::move(arguments), script_);
      made_.set_value(stream);
      return stream;
    };
  }
  ~StreamCallTest() override {
    // The script outlives every stream.
    EXPECT_TRUE(Eventually([this] { return OpenStreams() == 0; }));
  }

  void Open() { reader_ = harness_.stub().RetrieveEntityChanges(&context_, {}); }
  std::weak_ptr<TestStream> Stream() { return made_.get_future().get(); }
  double OpenStreams() { return harness_.Metric("streams_open", kMethod); }
  double Ended(const std::string& code) { return harness_.Metric("requests_total", kMethod, code); }
  // Token of the next message; "" at the end.
  std::string Read() {
    pb::RetrieveEntityChangesResponse response;
    return reader_->Read(&response) ? response.data_token() : "";
  }
  // Writes messages of 1 MB one after the other, more than any window holds.
  void WriteForEver() {
    script_.on_start = [](TestStream& stream) { stream.Write(MakeMessage("filler", 1'000'000)); };
    script_.on_written = [](TestStream& stream, bool) { stream.Write(MakeMessage("filler", 1'000'000)); };
  }
  // Whether the transport takes no more messages, because there is no reader.
  bool Stalls() {
    int seen = -1;
    auto since = std::chrono::steady_clock::now();
    return Eventually([&] {
      const auto now = std::chrono::steady_clock::now();
      if (script_.written != seen) {
        seen = script_.written;
        since = now;
      }
      return seen > 0 && now - since > std::chrono::milliseconds(200);
    });
  }

  static constexpr char kMethod[] = "RetrieveEntityChanges";
  TestStream::Script script_;
  std::promise<std::shared_ptr<TestStream>> made_;
  Harness harness_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<pb::RetrieveEntityChangesResponse>> reader_;
};

TEST_F(StreamCallTest, WhoWorksForItIsToldWhenItsCallerGoes) {
  std::promise<std::stop_token> gone;
  script_.on_start = [&](TestStream& stream) {
    gone.set_value(stream.gone());
    stream.Write(MakeMessage("1"));
  };
  Open();
  EXPECT_EQ(Read(), "1");
  const std::stop_token token = gone.get_future().get();
  EXPECT_FALSE(token.stop_requested());
  context_.TryCancel();
  EXPECT_TRUE(Eventually([&] { return token.stop_requested(); }));
}

TEST_F(StreamCallTest, WhoWorksForItIsToldWhenItEnds) {
  std::promise<std::stop_token> gone;
  script_.on_start = [&](TestStream& stream) {
    gone.set_value(stream.gone());
    stream.FinishOnce();
  };
  Open();
  EXPECT_EQ(Read(), "");
  EXPECT_TRUE(gone.get_future().get().stop_requested());
}

TEST_F(StreamCallTest, AnExceptionOfWhoWorksForItEndsIt) {
  script_.on_start = [](TestStream& stream) {
    stream.EndingOnException([] { throw std::runtime_error("a test"); });
    EXPECT_TRUE(stream.ended());
  };
  Open();
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(reader_->Finish().error_code(), grpc::StatusCode::INTERNAL);
}

TEST_F(StreamCallTest, WritesOneAfterTheOtherAndEndsWithTheLast) {
  LogCapture log;
  script_.on_start = [](TestStream& stream) {
    EXPECT_TRUE(stream.Write(MakeMessage("1")));
    EXPECT_FALSE(stream.Write(MakeMessage("too early")));
  };
  script_.on_written = [](TestStream& stream, bool ok) {
    EXPECT_TRUE(ok);
    stream.FinishOnce({}, MakeMessage("last"));
    EXPECT_FALSE(stream.Write(MakeMessage("too late")));
  };
  Open();
  EXPECT_EQ(Read(), "1");
  EXPECT_EQ(Read(), "last");
  EXPECT_EQ(Read(), "");
  EXPECT_TRUE(reader_->Finish().ok());
  EXPECT_EQ(context_.GetServerInitialMetadata().count(kCorrelationHeader), 1u);
  EXPECT_EQ(Ended("OK"), 1);
  EXPECT_EQ(harness_.Metric("stream_messages_total", kMethod), 2);
  EXPECT_EQ(harness_.Metric("stream_duration_seconds", kMethod), 1);
  EXPECT_EQ(log.Lines("call").size(), 1u);
  EXPECT_EQ(script_.written, 1);
  EXPECT_EQ(script_.cancelled, 0);
}

TEST_F(StreamCallTest, FinishFromAnotherThreadWhileAWriteIsInFlight) {
  WriteForEver();
  Open();
  const auto stream = Stream();
  ASSERT_TRUE(Stalls());
  stream.lock()->FinishOnce({}, MakeMessage("last"));
  EXPECT_EQ(Ended("OK"), 0);  // waits for the write
  std::string token, before;
  int fillers = 0;
  while (!(token = Read()).empty()) {
    before = token;
    fillers += token == "filler";
  }
  EXPECT_EQ(before, "last");
  EXPECT_EQ(harness_.Metric("stream_messages_total", kMethod), fillers + 1);
  EXPECT_TRUE(reader_->Finish().ok());
  EXPECT_EQ(Ended("OK"), 1);
  EXPECT_TRUE(Eventually([&] { return stream.expired(); }));
}

TEST_F(StreamCallTest, CallersThatCancelWhileAWriteIsInFlight) {
  WriteForEver();
  Open();
  const auto stream = Stream();
  ASSERT_TRUE(Stalls());
  context_.TryCancel();
  EXPECT_TRUE(Eventually([&] { return stream.expired(); }));
  EXPECT_EQ(script_.cancelled, 1);
  EXPECT_EQ(Ended("CANCELLED"), 1);
  EXPECT_EQ(OpenStreams(), 0);
  EXPECT_EQ(reader_->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(StreamCallTest, AbortEndsAStalledStream) {
  WriteForEver();
  Open();
  const auto weak = Stream();
  ASSERT_TRUE(Stalls());
  {
    const auto stream = weak.lock();
    stream->FinishOnce(Failure{entity::v1::ERROR_REASON_OVERLOADED, "too slow"});
    stream->Abort();
    EXPECT_TRUE(Eventually([&] { return OpenStreams() == 0; }));
    // Long after the end all functions do nothing.
    stream->Abort();
    stream->FinishOnce();
    EXPECT_FALSE(stream->Write(MakeMessage("late")));
    EXPECT_TRUE(stream->ended());
  }
  EXPECT_TRUE(weak.expired());
  while (!Read().empty()) {
  }
  EXPECT_EQ(reader_->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(Ended("CANCELLED"), 1);
}

TEST_F(StreamCallTest, AnIdleStreamLearnsThatTheCallerHasGone) {
  Open();
  const auto stream = Stream();
  context_.TryCancel();
  EXPECT_TRUE(Eventually([&] { return stream.expired(); }));
  EXPECT_EQ(script_.cancelled, 1);
  EXPECT_EQ(script_.lost, 0);
  reader_->Finish();
}

TEST_F(StreamCallTest, DeadlinesOfStreamsCountAsSuch) {
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  Open();
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(reader_->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] { return Ended("DEADLINE_EXCEEDED") == 1; }));
}

TEST_F(StreamCallTest, ExceptionsInCallbacksEndTheStream) {
  script_.on_start = [](TestStream& stream) { stream.Write(MakeMessage("1")); };
  script_.on_written = [](TestStream&, bool) { throw std::runtime_error("geheim"); };
  Open();
  EXPECT_EQ(Read(), "1");
  EXPECT_EQ(Read(), "");
  const auto status = reader_->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(DetailsOf(status).info.reason(), "UNEXPECTED");
  EXPECT_EQ(Ended("INTERNAL"), 1);
}

TEST_F(StreamCallTest, AFactoryMayRefuse) {
  harness_.on_stream = [](StreamArguments, pb::RetrieveEntityChangesRequest) -> Result<std::shared_ptr<StreamCall>> {
    return std::unexpected(Failure{entity::v1::ERROR_REASON_EXPIRED_VERSION_STAMP, "too old"});
  };
  Open();
  EXPECT_EQ(Read(), "");
  const auto status = reader_->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(DetailsOf(status).info.metadata().at("code"), "0x80044352");
}

TEST_F(StreamCallTest, AFactoryMayThrow) {
  harness_.on_stream = [](StreamArguments, pb::RetrieveEntityChangesRequest) -> Result<std::shared_ptr<StreamCall>> {
    throw std::runtime_error("geheim");
  };
  Open();
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(reader_->Finish().error_code(), grpc::StatusCode::INTERNAL);
}

TEST_F(StreamCallTest, BadHeadersAreRefused) {
  context_.AddMetadata(kUserHeader, "me");
  Open();
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(reader_->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

// Several threads write, finish and abort, and the caller cancels, at random: whatever comes first, every stream ends
// once.
TEST(StreamCallRace, EveryStreamEndsOnce) {
  constexpr int kRounds = 300;
  TestStream::Script script;
  Harness harness;
  std::mt19937 random(17);
  for (int round = 0; round < kRounds; ++round) {
    std::promise<std::shared_ptr<TestStream>> made;
    harness.on_stream = [&](StreamArguments arguments,
                            pb::RetrieveEntityChangesRequest) -> Result<std::shared_ptr<StreamCall>> {
      auto stream = std::make_shared<TestStream>(std::move(arguments), script);
      made.set_value(stream);
      return stream;
    };
    grpc::ClientContext context;
    auto reader = harness.stub().RetrieveEntityChanges(&context, {});
    const auto stream = made.get_future().get();
    const int writes = static_cast<int>(random() % 20);
    const bool abort = random() % 4 == 0, cancel = random() % 4 == 0;
    std::thread writer([&] {
      for (int i = 0; i < writes; ++i) stream->Write(MakeMessage("w", 50'000));
    });
    std::thread first([&] { stream->FinishOnce({}, MakeMessage("last")); });
    std::thread second([&] {
      if (abort) stream->Abort();
      stream->FinishOnce(Failure{entity::v1::ERROR_REASON_OVERLOADED, "too slow"});
    });
    if (cancel) context.TryCancel();
    pb::RetrieveEntityChangesResponse response;
    while (reader->Read(&response)) {
    }
    reader->Finish();
    writer.join();
    first.join();
    second.join();
  }
  const auto open = [&] { return harness.Metric("streams_open", "RetrieveEntityChanges"); };
  EXPECT_TRUE(Eventually([&] { return open() == 0; }));
  double ended = 0;
  for (const char* code : {"OK", "CANCELLED", "RESOURCE_EXHAUSTED"}) {
    ended += harness.Metric("requests_total", "RetrieveEntityChanges", code);
  }
  EXPECT_EQ(ended, kRounds);
}

}  // namespace
}  // namespace journeyfeed::call
