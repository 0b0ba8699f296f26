// What a mirror holds: every column of both entities, views, reloads and columns that a release adds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/client/entity_client.h"
#include "tests/integration/calls.h"
#include "tests/mirror/target.h"
#include "tests/mirror/world.h"

namespace journeyfeed::testing {
namespace {

using cli::Dialect;
using cli::FindEntity;
using cli::testing::Ran;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

class MirrorColumns : public ::testing::TestWithParam<Dialect> {
 protected:
  Ran Mirror(const std::string& entity, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"mirror", entity, target_->url(), "--no-follow", "--address", world_.address()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return cli::testing::RunCli(arguments);
  }
  std::string DifferenceOf(const std::string& entity, const std::string& table = "",
                           const std::string& where = "true") {
    const auto& described = *FindEntity(entity);
    return Difference(*target_, table.empty() ? described.table : table, described, world_.database_url(), where);
  }
  std::string Checkpoint() { return *target_->Ask("select checkpoint from journeyfeed_mirror")[0][0]; }

  World world_;
  const std::unique_ptr<MirrorTarget> target_ = MakeMirrorTarget(GetParam());
};

TEST_P(MirrorColumns, AreThoseOfTheService) {
  SessionClient sessions(world_.channel());
  JourneyClient journeys(world_.channel());
  ASSERT_TRUE(sessions.Create("target { " + kSession + " ttl_in_seconds: 100000 partition_id: 'p' }").ok());
  ASSERT_TRUE(
      sessions.Create(R"(target { name: "\"\\{},'\n\t$1" journey_run_id: "" session: "\360\237\230\200" })").ok());
  ASSERT_TRUE(journeys
                  .Create("target { name: 'j' start_date_time { seconds: 1700000000 nanos: 123456000 } end_date_time { "
                          "seconds: -100 } is_recurring: false recurrence_count: 3 }")
                  .ok());
  EXPECT_EQ(Mirror("session").exit_code, 0);
  EXPECT_EQ(Mirror("journey").exit_code, 0);
  EXPECT_EQ(DifferenceOf("session"), "");
  EXPECT_EQ(DifferenceOf("journey"), "");
  EXPECT_EQ(target_->Rows("journey_run_session"), 2);
  EXPECT_EQ(target_->Rows("customer_journey"), 1);
}

TEST_P(MirrorColumns, AreOnlyThoseThatWereAskedFor) {
  SessionClient sessions(world_.channel());
  ASSERT_TRUE(sessions.Create("target { " + kSession + " partition_id: 'p' }").ok());
  ASSERT_TRUE(sessions.Create("target { " + kSession + " partition_id: 'q' }").ok());
  const Ran ran = Mirror("session", {"--columns", "msdynmkt_name", "--partition", "p", "--table", "of_p"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(target_->Ask("select name, partition_id from of_p"),
              ElementsAre(ElementsAre(Optional(std::string("n")), Optional(std::string("p")))));
  const auto columns = target_->Ask("select columns from journeyfeed_mirror where table_name = 'of_p'");
  EXPECT_EQ(columns[0][0], "id,partition_id,name,version_number");
}

TEST_P(MirrorColumns, ARunGoesOnWhereTheLastOneEnded) {
  SessionClient sessions(world_.channel());
  const std::string id = sessions.Create("target { " + kSession + " }")->id();
  ASSERT_EQ(Mirror("session").exit_code, 0);
  const std::string before = Checkpoint();
  ASSERT_TRUE(sessions.Delete("target { id: '" + id + "' }").ok());
  ASSERT_TRUE(sessions.Create("target { " + kSession + " }").ok());
  ASSERT_EQ(Mirror("session").exit_code, 0);
  EXPECT_EQ(DifferenceOf("session"), "");
  EXPECT_NE(Checkpoint(), before);
  EXPECT_EQ(Checkpoint().substr(0, 12), "1:1:changes:");
}

TEST_P(MirrorColumns, WhatWasDeletedWhileTheLogWasForgottenGoes) {
  SessionClient sessions(world_.channel());
  world_.MakeSessions(3, 10);
  const std::string id = sessions.Create("target { " + kSession + " }")->id();
  ASSERT_EQ(Mirror("session").exit_code, 0);
  ASSERT_TRUE(sessions.Delete("target { id: '" + id + "' }").ok());
  world_.ForgetLog();
  ASSERT_TRUE(sessions.Create("target { " + kSession + " }").ok());
  ASSERT_EQ(Mirror("session").exit_code, 0);
  EXPECT_EQ(DifferenceOf("session"), "");
  EXPECT_EQ(target_->Rows("journey_run_session"), 4);
  EXPECT_EQ(Checkpoint().substr(0, 12), "1:2:changes:");
}

TEST_P(MirrorColumns, AReloadMendsWhatSomebodyBroke) {
  world_.MakeSessions(3, 10);
  ASSERT_EQ(Mirror("session").exit_code, 0);
  target_->Ask("select 1");
  const auto database = cli::MakeMirrorDatabase(target_->url(), {});
  ASSERT_TRUE((*database)->Begin());
  ASSERT_TRUE((*database)->Execute("update journey_run_session set name = 'broken', version_number = 1000000"));
  ASSERT_TRUE(
      (*database)->Execute("insert into journey_run_session (id, partition_id, version_number, "
                           "journeyfeed_generation) values ('6628bbf7-c52a-e911-a9b7-000000000000', 'x', 1, 1)"));
  ASSERT_TRUE((*database)->Commit());
  ASSERT_EQ(Mirror("session").exit_code, 0);
  EXPECT_NE(DifferenceOf("session"), "");
  ASSERT_EQ(Mirror("session", {"--reload"}).exit_code, 0);
  EXPECT_EQ(DifferenceOf("session"), "");
}

TEST_P(MirrorColumns, AColumnOfALaterReleaseIsAddedAndLoaded) {
  world_.MakeSessions(3, 10);
  ASSERT_EQ(Mirror("session").exit_code, 0);
  const auto database = cli::MakeMirrorDatabase(target_->url(), {});
  ASSERT_TRUE((*database)->Begin());  // as an earlier release left it
  ASSERT_TRUE((*database)->Execute("alter table journey_run_session drop column session"));
  ASSERT_TRUE((*database)->Execute("update journeyfeed_mirror set columns = replace(columns, ',session', '')"));
  ASSERT_TRUE((*database)->Commit());
  ASSERT_EQ(Mirror("session").exit_code, 0);
  EXPECT_EQ(DifferenceOf("session"), "");
  EXPECT_EQ(Checkpoint().substr(0, 4), "1:2:");
}

std::string NameOf(const ::testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::kSqlite ? "Sqlite" : "Postgres";
}

INSTANTIATE_TEST_SUITE_P(Targets, MirrorColumns, ::testing::Values(Dialect::kSqlite, Dialect::kPostgres), NameOf);

}  // namespace
}  // namespace journeyfeed::testing
