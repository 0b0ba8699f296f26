// Connections that the database ends, and callers that do not wait for the end of their statements.
#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/calls.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

constexpr char kOurs[] = "application_name = 'journeyfeed' and datname = current_database()";

// A server with few connections, so that every call meets one that was ended.
class LostConnectionTest : public ::testing::Test {
 protected:
  static std::string Fresh() {
    static int made = 0;
    return TheService().postgres.CreateDatabase("lost_session_" + std::to_string(++made));
  }
  // Runs `body` whenever a worker of the service reads a journey. For reads only: a view hides the table.
  void WhenJourneysAreRead(const std::string& body) {
    Query(url_,
          "create function public.met() returns boolean language plpgsql as $$ begin"
          " if current_user = 'journeyfeed_service' then " +
              body + " end if; return true; end $$");
    Query(url_, "alter table journeyfeed.customer_journey rename to customer_journey_rows");
    Query(url_,
          "create view journeyfeed.customer_journey as"
          " select r.ctid, r.* from journeyfeed.customer_journey_rows r where public.met()");
    Query(url_, "grant select on journeyfeed.customer_journey to journeyfeed_service");
  }
  std::string Sleepers() {
    return Query(url_, std::string("select count(*) from pg_stat_activity where wait_event = 'PgSleep' and ") + kOurs);
  }
  // A token for the changes up to now.
  std::string Token() {
    grpc::ClientContext context;
    journeys::RetrieveEntityChangesResponse message;
    const auto reader = journeys_.stub().RetrieveEntityChanges(&context, {});
    while (reader->Read(&message)) continue;
    EXPECT_TRUE(reader->Finish().ok());
    return message.data_token();
  }
  std::string Make() { return journeys_.Create("target { name: 'n' }")->id(); }

  const std::string url_ = Fresh();
  TestServer server_{url_, {"--read-connections", "1", "--query-connections", "1", "--write-connections", "1"}};
  JourneyClient journeys_{server_.channel()};
};

TEST_F(LostConnectionTest, ThatWereIdleAreReplacedBeforeAnythingIsSent) {
  const std::string id = Make();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(journeys_.Get(id).has_name());
    Query(url_, std::string("select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity where ") + kOurs);
    const auto read = journeys_.Retrieve(Target(id));
    EXPECT_TRUE(read.ok()) << read.ending;
    const auto written = journeys_.Update(Target(id, "name: 'm'"));
    EXPECT_TRUE(written.ok()) << written.ending;
    const auto queried =
        journeys_.Send(&journeys::CustomerJourneyService::Stub::RetrieveMultiple, journeys::RetrieveMultipleRequest());
    EXPECT_TRUE(queried.ok()) << queried.ending;
  }
}

TEST_F(LostConnectionTest, AReadIsAskedAgainWhoseSessionEndsUnderIt) {
  const std::string id = Make();
  Query(url_, "create sequence public.meetings");
  Query(url_, "grant usage on public.meetings to public");
  Query(url_,
        "create function public.end_session() returns boolean language sql security definer as"
        " 'select pg_terminate_backend(pg_backend_pid())'");
  WhenJourneysAreRead("if nextval('public.meetings') = 1 then perform public.end_session(); end if;");
  const auto read = journeys_.Retrieve(Target(id));
  EXPECT_TRUE(read.ok()) << read.ending;
  EXPECT_EQ(Query(url_, "select last_value from public.meetings"), "2") << "the first one ended its session";
}

TEST_F(LostConnectionTest, AStatementEndsWithTheDeadlineOfItsCaller) {
  const std::string id = Make();
  WhenJourneysAreRead("perform pg_sleep(600);");
  for (const bool query : {false, true}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 500ms);
    grpc::Status status;
    journeys::RetrieveResponse record;
    journeys::RetrieveMultipleResponse records;
    if (query) {
      status = journeys_.stub().RetrieveMultiple(&context, {}, &records);
    } else {
      status = journeys_.stub().Retrieve(&context, Parse<journeys::RetrieveRequest>(Target(id)), &record);
    }
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
    // Sooner than the database's own limit of ten seconds.
    EXPECT_TRUE(Eventually([&] { return Sleepers() == "0"; }, 6s)) << "the database works for nobody";
  }
}

TEST_F(LostConnectionTest, AStatementEndsWhenItsCallerGoes) {
  const std::string id = Make();
  WhenJourneysAreRead("perform pg_sleep(600);");
  for (const bool query : {false, true}) {
    grpc::ClientContext context;
    grpc::Status status;
    journeys::RetrieveResponse record;
    journeys::RetrieveMultipleResponse records;
    std::jthread caller([&] {
      if (query) {
        status = journeys_.stub().RetrieveMultiple(&context, {}, &records);
      } else {
        status = journeys_.stub().Retrieve(&context, Parse<journeys::RetrieveRequest>(Target(id)), &record);
      }
    });
    const bool began = Eventually([&] { return Sleepers() == "1"; });
    context.TryCancel();
    caller.join();
    ASSERT_TRUE(began);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
    EXPECT_TRUE(Eventually([&] { return Sleepers() == "0"; }, 6s)) << "the database works for nobody";
  }
}

TEST_F(LostConnectionTest, APageEndsWhenItsStreamGoes) {
  // The load asks for the size of the table, which a view does not have.
  journeys::RetrieveEntityChangesRequest after;
  after.set_data_version(Token());
  Make();
  WhenJourneysAreRead("perform pg_sleep(600);");
  const auto changes = [&](grpc::ClientContext& context) {
    journeys::RetrieveEntityChangesResponse message;
    const auto reader = journeys_.stub().RetrieveEntityChanges(&context, after);
    while (reader->Read(&message)) continue;
    return reader->Finish();
  };
  const auto deletions = [&](grpc::ClientContext& context) {
    journeys::BulkDeleteResponse message;
    const auto reader =
        journeys_.stub().BulkDelete(&context, Parse<journeys::BulkDeleteRequest>("filter: \"msdyncrm_name eq 'n'\""));
    while (reader->Read(&message)) continue;
    return reader->Finish();
  };
  const auto goes = [&](const auto& read, bool at_its_deadline) {
    grpc::ClientContext context;
    if (at_its_deadline) context.set_deadline(std::chrono::system_clock::now() + 1s);
    grpc::Status status;
    std::jthread caller([&] { status = read(context); });
    // The deadline may pass before the statement starts.
    const bool began = at_its_deadline || Eventually([&] { return Sleepers() == "1"; });
    if (!at_its_deadline) context.TryCancel();
    caller.join();
    EXPECT_TRUE(began);
    EXPECT_EQ(status.error_code(), at_its_deadline ? grpc::StatusCode::DEADLINE_EXCEEDED : grpc::StatusCode::CANCELLED);
    EXPECT_TRUE(Eventually([&] { return Sleepers() == "0"; }, 6s)) << "the database works for nobody";
  };
  for (const bool at_its_deadline : {false, true}) {
    goes(changes, at_its_deadline);
    goes(deletions, at_its_deadline);
  }
}

// The outcome of the first call is looked up after the batch of the repeated call is committed.
TEST_F(LostConnectionTest, ARepetitionWhoseOutcomeCannotBeReadIsNotCalledUndone) {
  const std::string text = "target { name: 'n' } request_id: " + Quote(NewId());
  const auto first = journeys_.Create(text);
  ASSERT_TRUE(first.ok()) << first.ending;
  Query(url_, "revoke select on journeyfeed.request_outcome from journeyfeed_service");
  EXPECT_EQ(journeys_.Create(text).ending.reason, "WRITE_OUTCOME_UNKNOWN");
  Query(url_, "grant select on journeyfeed.request_outcome to journeyfeed_service");
  EXPECT_EQ(journeys_.Create(text)->id(), first->id());
}

}  // namespace
}  // namespace journeyfeed::testing
