// Nothing that a caller writes becomes SQL, in any position.
#include <gmock/gmock.h>

#include "tests/query/model.h"
#include "tests/query/query_database.h"

namespace journeyfeed::query_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAttacks[] = {
    "x'; drop table journeyfeed.customer_journey; --",
    "' or 1=1 --",
    "\\'; select pg_sleep(10); --",
    "$1",
    "$$; drop table journeyfeed.customer_journey; $$",
    "%' or 'a'='a",
    "[a-b]'); drop table journeyfeed.customer_journey; --",
    "\" collate \"C",
    "zzmarkerzz",
};

std::string Doubled(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) text.insert(at, 1, '\'');
  return text;
}

TEST(InjectionTest, ValuesAreParameters) {
  const QueryDatabase database;
  std::mt19937 random(3);
  database.Fill(InsertOf(RandomRows(20, random)));
  for (const char* attack : kAttacks) {
    const std::string value = "'" + Doubled(attack) + "'";
    for (const std::string& filter :
         {"name eq " + value, "name in (" + value + "," + value + ")", "contains(name," + value + ")",
          "startswith(purpose," + value + ") or not endswith(purpose," + value + ")",
          "Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=[" + value + "])",
          "Microsoft.Dynamics.CRM.NotBetween(PropertyName='name',PropertyValues=[" + value + "," + value + "])"}) {
      Query query = database.Select(Journeys(), filter, "name desc");
      query.after = PagePosition{.as_of = {}, .values = {attack, std::string(16, 'x')}};
      query.partition_id.reset();
      const auto page = postgres::CompilePage(query);
      EXPECT_THAT(page.text, Not(HasSubstr("zzmarkerzz")));
      EXPECT_THAT(page.text, Not(HasSubstr("drop")));
      EXPECT_THAT(page.text, Not(HasSubstr("1=1")));
      EXPECT_NO_THROW(database.Read(query)) << filter;
      query.after.reset();
      query.count_limit = 10;
      EXPECT_NO_THROW(database.Read(query)) << filter;
      EXPECT_NO_THROW(database.Read(database.Group(Journeys(), "filter(" + filter + ")/aggregate($count as n)")))
          << filter;
    }
    Query sessions = database.Select(Sessions(), "");
    sessions.partition_id = attack;
    EXPECT_NO_THROW(database.Read(sessions));
  }
  EXPECT_EQ(database.database().Ask("select count(*) from journeyfeed.customer_journey"), "20");
}

TEST(InjectionTest, NamesComeFromTheDictionary) {
  const QueryDatabase database;
  for (const std::string attack : kAttacks) {
    EXPECT_THROW(database.Select(Journeys(), attack + " eq 1"), std::runtime_error);
    EXPECT_THROW(database.Select(Journeys(), "scope " + attack + " 1"), std::runtime_error);
    EXPECT_THROW(database.Select(Journeys(), "scope eq " + attack), std::runtime_error);
    EXPECT_THROW(database.Select(Journeys(), "", attack), std::runtime_error);
    EXPECT_THROW(database.Select(Journeys(), "", "name " + attack), std::runtime_error);
    EXPECT_THROW(database.Group(Journeys(), "groupby((" + attack + "))"), std::runtime_error);
    EXPECT_THROW(database.Group(Journeys(), "aggregate(scope with " + attack + " as x)"), std::runtime_error);
    EXPECT_THROW(database.Select(Journeys(), "Microsoft.Dynamics.CRM.Today(PropertyName='" + Doubled(attack) + "')"),
                 std::runtime_error);
    EXPECT_THROW(database.Select(Journeys(), "Microsoft.Dynamics.CRM." + attack + "(PropertyName='name')"),
                 std::runtime_error);
  }
  // An alias is a key of the answer and not part of the statement.
  const auto grouped = postgres::CompileGroups(database.Group(Journeys(), "aggregate($count as zzmarkerzz)"));
  EXPECT_THAT(grouped.text, Not(HasSubstr("zzmarkerzz")));
}

}  // namespace
}  // namespace journeyfeed::query_test
