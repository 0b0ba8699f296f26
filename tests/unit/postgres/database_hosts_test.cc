#include "storage/postgres/connection/database_hosts.h"

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <map>

namespace journeyfeed::postgres {
namespace {

using ::testing::ElementsAre;

const DatabaseHost kA{"", "10.0.0.1", "5432"}, kB{"", "10.0.0.2", "5433"}, kC{"", "10.0.0.3", "5434"};
constexpr char kThree[] = "hostaddr=10.0.0.1,10.0.0.2,10.0.0.3 port=5432,5433,5434 dbname=d";

std::map<std::string, std::string> Read(const std::string& conninfo) {
  std::map<std::string, std::string> values;
  PQconninfoOption* const options = PQconninfoParse(conninfo.c_str(), nullptr);
  for (const PQconninfoOption* option = options; option && option->keyword; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  PQconninfoFree(options);
  return values;
}

TEST(DatabaseHosts, AreThoseOfTheConnectionStringInItsOrder) {
  EXPECT_THAT(DatabaseHosts(kThree).InOrder(), ElementsAre(kA, kB, kC));
  EXPECT_THAT(DatabaseHosts("host=/run/a,/run/b port=1").InOrder(),
              ElementsAre(DatabaseHost{"/run/a", "", "1"}, DatabaseHost{"/run/b", "", "1"}));
  EXPECT_THAT(DatabaseHosts("postgresql://u@10.0.0.1:7,10.0.0.2/d").InOrder(),
              ElementsAre(DatabaseHost{"10.0.0.1", "10.0.0.1", "7"}, DatabaseHost{"10.0.0.2", "10.0.0.2", ""}));
  EXPECT_THAT(DatabaseHosts("dbname=d").InOrder(), ElementsAre(DatabaseHost{})) << "what libpq takes";
  EXPECT_THAT(DatabaseHosts("not a connection string").InOrder(), ElementsAre(DatabaseHost{})) << "libpq says so";
}

TEST(DatabaseHosts, TheLastGoodOneComesFirstAndASilentOneLast) {
  DatabaseHosts hosts(kThree);
  hosts.Good(kB);
  EXPECT_THAT(hosts.InOrder(), ElementsAre(kB, kA, kC));
  hosts.Silent(kB);
  EXPECT_THAT(hosts.InOrder(), ElementsAre(kA, kC, kB));
  hosts.Good(kC);
  EXPECT_THAT(hosts.InOrder(), ElementsAre(kC, kA, kB));
  hosts.Good(kB);
  EXPECT_THAT(hosts.InOrder(), ElementsAre(kB, kA, kC)) << "it speaks again";
}

// A standby may be read beside others; only one server accepts writes.
TEST(DatabaseHosts, ANewerSessionEndsThoseWithAnotherServerThatAcceptedWrites) {
  DatabaseHosts any(kThree);
  any.Good(kA);
  any.Good(kB);
  EXPECT_FALSE(any.Superseded(kA));
  DatabaseHosts one(std::string(kThree) + " target_session_attrs=read-write");
  EXPECT_FALSE(one.Superseded(kA)) << "nothing is known";
  one.Good(kA);
  EXPECT_FALSE(one.Superseded(kA));
  one.Good(kB);
  EXPECT_TRUE(one.Superseded(kA));
}

// With one host in the string libpq would accept it, standby or not.
TEST(DatabaseHosts, AStandbyIsPreferredOverAllHosts) {
  EXPECT_THAT(DatabaseHosts("host=a,b target_session_attrs=prefer-standby").attributes(),
              ElementsAre("standby", "any"));
  EXPECT_THAT(DatabaseHosts("host=a,b target_session_attrs=standby").attributes(), ElementsAre("standby"));
  EXPECT_THAT(DatabaseHosts("host=a,b").attributes(), ElementsAre(""));
}

TEST(DatabaseHosts, SingleHostKeepsEverythingElseOfTheString) {
  const auto good = Read(SingleHost("host=a,b port=1,2 user=u password='it\\'s \\\\' dbname=d sslmode=verify-full",
                                    {"b", "10.0.0.2", "2"}, "-c a=b"));
  EXPECT_EQ(good.at("host"), "b");
  EXPECT_EQ(good.at("hostaddr"), "10.0.0.2");
  EXPECT_EQ(good.at("port"), "2");
  EXPECT_EQ(good.at("user"), "u");
  EXPECT_EQ(good.at("password"), "it's \\");
  EXPECT_EQ(good.at("sslmode"), "verify-full");
  EXPECT_EQ(good.at("options"), "-c a=b");
}

}  // namespace
}  // namespace journeyfeed::postgres
