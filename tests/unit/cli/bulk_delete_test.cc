// `bulk-delete`, as the service sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/fake_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using ::testing::HasSubstr;
using Writer = grpc::ServerWriter<session::BulkDeleteResponse>;

session::BulkDeleteResponse Message(int deleted, int failed, bool done) {
  session::BulkDeleteResponse message;
  message.mutable_progress()->set_deleted_count(deleted);
  message.mutable_progress()->set_failed_count(failed);
  message.set_done(done);
  return message;
}

class BulkDeleteCommand : public ::testing::Test {
 protected:
  Ran Journeyctl(Arguments arguments) {
    arguments.insert(arguments.begin(), {"bulk-delete", "session"});
    arguments.insert(arguments.end(), {"--address", service_.address});
    return RunCli(arguments, "", stop_.get_token());
  }

  FakeService service_;
  std::stop_source stop_;
};

TEST_F(BulkDeleteCommand, CallsAgainUntilNothingIsLeftAndCountsOverAllCalls) {
  service_.sessions.bulk_delete = [](int call, const session::BulkDeleteRequest& request, Writer& writer) {
    EXPECT_EQ(request.filter(), "journey_run_id eq '42'");
    EXPECT_EQ(request.partition_id(), "p");
    if (call == 0) {
      auto message = Message(10, 1, false);
      message.mutable_stream_end()->mutable_reconnect_after()->set_nanos(1'000'000);
      writer.Write(message);
      return grpc::Status::OK;
    }
    if (call == 1) {
      writer.Write(Message(5, 0, false));
      return MakeError(grpc::StatusCode::UNAVAILABLE, "SERVICE_UNAVAILABLE", "", {.retry_milliseconds = 1});
    }
    writer.Write(Message(7, 0, true));
    return grpc::Status::OK;
  };
  const Ran ran = Journeyctl({"--filter", "journey_run_id eq '42'", "--partition-id", "p"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "{\"deleted_count\":22,\"failed_count\":0,\"dry_run\":false}\n");
}

TEST_F(BulkDeleteCommand, ADryRunSaysWhatItWouldBe) {
  service_.sessions.bulk_delete = [](int, const session::BulkDeleteRequest& request, Writer& writer) {
    EXPECT_TRUE(request.dry_run() && request.all());
    writer.Write(Message(1234, 0, true));
    return grpc::Status::OK;
  };
  EXPECT_EQ(Journeyctl({"--all", "--dry-run", "--output", "table"}).out, "1,234 records would be deleted\n");
}

TEST_F(BulkDeleteCommand, RecordsThatAreLeftAreAFailure) {
  service_.sessions.bulk_delete = [](int, const session::BulkDeleteRequest&, Writer& writer) {
    writer.Write(Message(3, 2, true));
    return grpc::Status::OK;
  };
  const Ran ran = Journeyctl({"--all"});
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_EQ(ran.lines().at(0)["deleted_count"], 3);
  EXPECT_THAT(ran.err, HasSubstr("2 records kept changing"));
}

TEST_F(BulkDeleteCommand, ARunThatFailsAtItsEndIsNotMadeAgain) {
  service_.sessions.bulk_delete = [](int, const session::BulkDeleteRequest&, Writer& writer) {
    writer.Write(Message(3, 2, false));
    return MakeError(grpc::StatusCode::ABORTED, "CONCURRENCY_VERSION_MISMATCH",
                     "records that kept changing are left: 2");
  };
  const Ran ran = Journeyctl({"--all"});
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_EQ(service_.sessions.bulk_deletes, 1);
  EXPECT_EQ(ran.lines().at(0)["deleted_count"], 3);
  EXPECT_EQ(ran.lines().at(0)["failed_count"], 2);
  EXPECT_THAT(ran.err, HasSubstr("records that kept changing are left: 2"));
}

TEST_F(BulkDeleteCommand, NeedsToBeToldWhat) {
  EXPECT_EQ(Journeyctl({}).exit_code, 64);
  EXPECT_EQ(Journeyctl({"--all", "--filter", "name eq 'a'"}).exit_code, 64);
  EXPECT_EQ(service_.sessions.bulk_deletes, 0);
}

TEST_F(BulkDeleteCommand, GivesUpWhenTheServiceDoesAndWhenItIsAskedTo) {
  service_.sessions.bulk_delete = [](int, const session::BulkDeleteRequest&, Writer&) {
    return MakeError(grpc::StatusCode::INVALID_ARGUMENT, "QUERY_BUILDER_BAD_CONDITION", "no");
  };
  EXPECT_EQ(Journeyctl({"--filter", "x"}).exit_code, 3);
  service_.sessions.bulk_delete = [this](int, const session::BulkDeleteRequest&, Writer& writer) {
    writer.Write(Message(3, 0, false));
    stop_.request_stop();
    return grpc::Status::OK;
  };
  const Ran ran = Journeyctl({"--all"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("interrupted"));
}

}  // namespace
}  // namespace journeyfeed::cli::testing
