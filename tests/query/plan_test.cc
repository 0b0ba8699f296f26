// The indexes: common queries are looked up, and an update of other columns stays HOT.
#include <gmock/gmock.h>

#include "tests/query/query_database.h"

namespace journeyfeed::query_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kJourneys[] =
    "insert into journeyfeed.customer_journey (id, version_number, created_on, modified_on, created_by, modified_by, "
    "state_code,"
    " status_code, owner_id_type, owner_id, name) select md5(i::text)::uuid, i, now(), now(), md5('u')::uuid, "
    "md5('u')::uuid, 0,"
    " case when i % 1000 = 0 then 192350001 else 192350000 end, 'systemuser', md5((i % 500)::text)::uuid, 'Journey ' "
    "|| i"
    " from generate_series(1, 100000) i";
constexpr char kSessions[] =
    "insert into journeyfeed.journey_run_session (id, partition_id, version_number, created_on, modified_on, "
    "created_by, modified_by,"
    " name, journey_run_id, session) select md5(i::text)::uuid, case when i % 2 = 0 then 'p' || (i % 100) end, i, "
    "now(), now(),"
    " md5('u')::uuid, md5('u')::uuid, 'Session ' || i, 'Run ' || (i % 1000), 'x' from generate_series(1, 100000) i";

class PlanTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    database_ = new QueryDatabase;
    database_->Fill(kJourneys);
    database_->Fill(kSessions);
    for (const char* table : {"customer_journey", "journey_run_session"}) {
      database_->database().Ask("vacuum analyze journeyfeed." + std::string(table));
    }
  }
  static void TearDownTestSuite() { delete database_; }

  // The plans of the first page, a later one and the count.
  static std::string Plans(const dictionary::Entity& entity, const char* filter, const char* order = "") {
    Query query = database_->Select(entity, filter, order);
    query.count_limit = 5000;
    std::string plans =
        database_->Explain(postgres::CompileCount(query)) + database_->Explain(postgres::CompilePage(query));
    query.page_size = 3;
    QueryPage page = database_->Read(query);
    if (!page.next) return plans + "no second page";
    query.after = PagePosition{.as_of = {}, .values = *std::move(page.next)};
    return plans + database_->Explain(postgres::CompilePage(query));
  }

  static inline QueryDatabase* database_ = nullptr;
};

TEST_F(PlanTest, SelectiveQueriesAreLookedUp) {
  struct Case {
    const dictionary::Entity& entity;
    const char* filter;
    const char* order;
    const char* index;
  };
  const Case cases[] = {
      {Journeys(), "statuscode eq 192350001", "", "customer_journey_status"},
      {Journeys(), "statuscode eq 192350001", "name", "customer_journey_status"},
      {Journeys(), "_ownerid_value eq eccbc87e-4b5c-e2fe-2830-8fd9f2a7baf3", "", "customer_journey_owner"},
      {Journeys(), "startswith(name,'journey 777')", "name", "customer_journey_name_fold"},
      {Journeys(), "name eq 'JOURNEY 4711' or name in ('journey 1','journey 2','journey 3','journey 4')", "",
       "customer_journey_name_fold"},
      {Sessions(), "journey_run_id eq 'run 77'", "", "journey_run_session_run_fold"},
      {Sessions(), "msdynmkt_journeyrunid eq 'RUN 77' and contains(name,'7')", "", "journey_run_session_run_fold"},
      {Sessions(), "startswith(name,'SESSION 77')", "name", "journey_run_session_name_fold"},
  };
  for (const Case& c : cases) {
    const std::string plans = Plans(c.entity, c.filter, c.order);
    EXPECT_THAT(plans, Not(HasSubstr("Seq Scan"))) << c.filter;
    EXPECT_THAT(plans, HasSubstr(c.index)) << c.filter;
    EXPECT_THAT(plans, Not(HasSubstr("no second page"))) << c.filter;
  }
}

// A repeated query is prepared, and PostgreSQL may then keep a generic plan: it must not be one that scans.
TEST_F(PlanTest, SelectiveQueriesThatComeAgainAreLookedUp) {
  const auto scans = [] {
    database_->AskInSession("select pg_stat_force_next_flush()::text");
    return database_->AskInSession("select seq_scan from pg_stat_user_tables where relname = 'customer_journey'");
  };
  const std::string before = scans();
  for (int round = 0; round < 12; ++round) {
    const std::string i = std::to_string(round);
    for (const std::string& filter : {std::string("statuscode eq 192350001"), "startswith(name,'journey 77" + i + "')",
                                      "name in ('journey " + i + "','journey 4711')"}) {
      Query query = database_->Select(Journeys(), filter, "name");
      query.page_size = 1;
      EXPECT_EQ(database_->ReadAll(query).empty(), false) << filter;
    }
  }
  EXPECT_EQ(scans(), before);
  EXPECT_GT(std::stoi(database_->AskInSession("select sum(generic_plans + custom_plans) from pg_prepared_statements")),
            30);
}

TEST_F(PlanTest, ASessionKeepsABoundedNumberOfStatements) {
  for (int times = 0; times < 2; ++times) {
    for (int size = 1; size <= 100; ++size) {
      Query query = database_->Select(Journeys(), "statuscode eq 192350001");
      query.page_size = size;
      for (int again = 0; again < 3; ++again) EXPECT_EQ(database_->Read(query).records.size(), size);
    }
  }
  EXPECT_EQ(database_->AskInSession("select count(*) from pg_prepared_statements"), "64");
}

TEST_F(PlanTest, PagesOfEverythingAreReadInOrder) {
  for (const char* order : {"", "name", "name desc", "statuscode", "statuscode desc", "owner_id desc"}) {
    Query query = database_->Select(Journeys(), "", order);
    std::string plans = database_->Explain(postgres::CompilePage(query));
    query.after = PagePosition{.as_of = {}, .values = *database_->Read(query).next};
    plans += database_->Explain(postgres::CompilePage(query));
    EXPECT_THAT(plans, Not(HasSubstr("Seq Scan"))) << order << "\n" << plans;
    EXPECT_THAT(plans, Not(HasSubstr("Sort"))) << order << "\n" << plans;
  }
  Query sessions = database_->Select(Sessions(), "");
  sessions.partition_id = "p42";
  const std::string plan = database_->Explain(postgres::CompilePage(sessions));
  EXPECT_THAT(plan, HasSubstr("journey_run_session_pkey"));
  EXPECT_THAT(plan, Not(HasSubstr("Seq Scan")));
}

TEST_F(PlanTest, UpdatesOfOtherColumnsStayHot) {
  const auto updates = [](const char* column) {
    return std::stoi("0" + database_->database().Ask("select " + std::string(column) +
                                                     " from pg_stat_user_tables where relname = 'customer_journey'"));
  };
  const int before = updates("n_tup_hot_upd"), all = updates("n_tup_upd");
  for (int round = 0; round < 3; ++round) {
    database_->Fill(
        "update journeyfeed.customer_journey set description = 'd' || version_number, modified_on = clock_timestamp(),"
        " version_number = version_number + 1, name = name, status_code = status_code where name like 'Journey 12%0'; "
        "select"
        " pg_stat_force_next_flush()");
  }
  EXPECT_GT(updates("n_tup_upd"), all);
  EXPECT_GT(updates("n_tup_hot_upd") - before, (updates("n_tup_upd") - all) * 9 / 10);
}

}  // namespace
}  // namespace journeyfeed::query_test
