// Which user a change is attributed to, and the id under which a call can be found.
#include <gtest/gtest.h>

#include "tests/integration/calls.h"

namespace journeyfeed::testing {
namespace {

const std::string kNil = "00000000-0000-0000-0000-000000000000";

// One column of the log row of a record's newest change.
std::string Logged(const std::string& table, const std::string& id, const std::string& column) {
  return Query(TheService().database_url, "select " + column + " from journeyfeed." + table +
                                              "_log where record_id = '" + id + "' order by seq desc limit 1");
}

TEST(Identity, TheCallerIsTheUser) {
  const std::string creator = NewId(), changer = NewId();
  const std::string id = Sessions().Create("target { " + kSession + " }", {{"x-user-id", creator}})->id();
  ASSERT_TRUE(Sessions().Update(Target(id, "name: 'x'"), {{"x-user-id", "{" + changer + "}"}}).ok());
  const auto record = Sessions().Get(id);
  EXPECT_EQ(record.created_by(), creator);
  EXPECT_FALSE(record.has_created_on_behalf_by());
  EXPECT_EQ(record.modified_by(), changer);
  EXPECT_FALSE(record.has_modified_on_behalf_by());
  EXPECT_EQ(Logged("journey_run_session", id, "user_id"), changer);
  EXPECT_EQ(Logged("journey_run_session", id, "initiating_user_id"), changer);
}

TEST(Identity, ADelegateIsNamedBesides) {
  const std::string user = NewId(), delegate = NewId();
  const Headers acting = {{"x-user-id", delegate}, {"x-on-behalf-of", user}};
  const std::string id = Journeys().Create("target { name: 'n' }", acting)->id();
  const auto created = Journeys().Get(id);
  EXPECT_EQ(created.created_by(), user);
  EXPECT_EQ(created.created_on_behalf_by(), delegate);
  EXPECT_EQ(created.modified_by(), user);
  EXPECT_EQ(created.modified_on_behalf_by(), delegate);
  EXPECT_EQ(created.owner_id(), user);
  EXPECT_EQ(Logged("customer_journey", id, "user_id"), user);
  EXPECT_EQ(Logged("customer_journey", id, "initiating_user_id"), delegate);
  ASSERT_TRUE(Journeys().Update(Target(id, "name: 'x'"), {{"x-user-id", user}}).ok());
  EXPECT_FALSE(Journeys().Get(id).has_modified_on_behalf_by()) << "the user himself";
  EXPECT_EQ(Journeys().Get(id).created_on_behalf_by(), delegate);
}

TEST(Identity, NobodyIsTheNilUuid) {
  const auto record = Journeys().Get(MakeJourney());
  EXPECT_EQ(record.created_by(), kNil);
  EXPECT_EQ(record.owner_id(), kNil);
  const std::string user = NewId();
  const std::string id = Sessions().Create("target { " + kSession + " }", {{"x-on-behalf-of", user}})->id();
  EXPECT_EQ(Sessions().Get(id).created_by(), user);
  EXPECT_EQ(Sessions().Get(id).created_on_behalf_by(), kNil);
}

TEST(Correlation, IsAnsweredAndLogged) {
  const std::string correlation = NewId();
  const auto created = Sessions().Create("target { " + kSession + " }", {{"x-correlation-id", correlation}});
  EXPECT_EQ(created.headers.find("x-correlation-id")->second, correlation);
  EXPECT_EQ(Logged("journey_run_session", created->id(), "correlation_id"), correlation);
}

TEST(Correlation, IsTheTraceIdOtherwise) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto created =
      Journeys().Create("target { name: 'n' }", {{"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}});
  EXPECT_EQ(created.headers.find("x-correlation-id")->second, trace);
  EXPECT_EQ(Logged("customer_journey", created->id(), "replace(correlation_id::text, '-', '')"), trace);
}

TEST(Correlation, IsMadeWhenNoneOrNoneFitIsGiven) {
  std::string last;
  for (const Headers& headers :
       {Headers{}, Headers{{"x-correlation-id", ""}}, Headers{{"x-correlation-id", Letters(129)}},
        Headers{{"traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"}}}) {
    const auto created = Sessions().Create("target { " + kSession + " }", headers);
    ASSERT_TRUE(created.ok()) << created.ending;
    const std::string made = created.headers.find("x-correlation-id")->second;
    EXPECT_EQ(made.size(), 36u);
    EXPECT_GT(made, last) << "version 7, another each time";
    EXPECT_EQ(Logged("journey_run_session", created->id(), "correlation_id"), made);
    last = made;
  }
}

TEST(Correlation, IsAnsweredWithErrorsToo) {
  const auto refused = Sessions().Create("", {{"x-correlation-id", "any text: 17"}});
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(refused.headers.find("x-correlation-id")->second, "any text: 17");
}

}  // namespace
}  // namespace journeyfeed::testing
