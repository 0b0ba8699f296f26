// Targets that cannot be used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/mirror/target.h"
#include "tests/mirror/world.h"

namespace journeyfeed::testing {
namespace {

using cli::Dialect;
using cli::testing::Ran;
using ::testing::HasSubstr;
using ::testing::Not;

World& TheWorld() {
  static World& world = *new World;
  return world;
}

Ran MirrorInto(const std::string& url, std::vector<std::string> more = {}, const std::string& entity = "session") {
  std::vector<std::string> arguments{"mirror", entity, url, "--no-follow", "--address", TheWorld().address()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return cli::testing::RunCli(arguments);
}

void Refuses(const Ran& ran, int exit_code, const std::string& text) {
  EXPECT_EQ(ran.exit_code, exit_code) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr(text));
}

class MirrorRefuses : public ::testing::TestWithParam<Dialect> {
 protected:
  const std::unique_ptr<MirrorTarget> target_ = MakeMirrorTarget(GetParam());
  const std::string url_ = target_->url();
};

TEST_P(MirrorRefuses, ATableThatMirrorsSomethingElse) {
  const std::vector<std::string> as_t{"--table", "t"};
  ASSERT_EQ(MirrorInto(url_, as_t).exit_code, 0);
  Refuses(MirrorInto(url_, as_t, "journey"), 74, "the table t of the target mirrors msdynmkt_journeyrunsession");
  Refuses(MirrorInto(url_, {"--table", "t", "--partition", "p"}), 74, "mirrors all partitions");
  Refuses(MirrorInto(url_, {"--table", "t", "--columns", "name"}), 74, "mirrors all columns");
  EXPECT_THAT(MirrorInto(url_, as_t, "journey").err, HasSubstr("do: name another table with --table"));
}

TEST_P(MirrorRefuses, AMirrorOfAnotherService) {
  ASSERT_EQ(MirrorInto(url_).exit_code, 0);
  World other;
  const Ran ran = cli::testing::RunCli({"mirror", "session", url_, "--no-follow", "--address", other.address()});
  Refuses(ran, 3, "FEED_TOKEN_INVALID");
  EXPECT_THAT(ran.err, HasSubstr("mirrors another service or database"));
}

TEST_P(MirrorRefuses, ATableThatIsNoMirrorAndOneOfANewerRelease) {
  const auto database = cli::MakeMirrorDatabase(url_, {});
  ASSERT_TRUE((*database)->Begin());
  ASSERT_TRUE((*database)->Execute("create table mine (a integer)"));
  ASSERT_TRUE((*database)->Commit());
  Refuses(MirrorInto(url_, {"--table", "mine"}), 74, "is there already and is no mirror");
  ASSERT_EQ(MirrorInto(url_).exit_code, 0);
  ASSERT_TRUE((*database)->Begin());
  ASSERT_TRUE((*database)->Execute("update journeyfeed_mirror set columns = columns || ',of_the_future'"));
  ASSERT_TRUE((*database)->Commit());
  Refuses(MirrorInto(url_), 74, "has columns of a newer release");
}

std::string NameOfTarget(const ::testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::kSqlite ? "Sqlite" : "Postgres";
}

INSTANTIATE_TEST_SUITE_P(Targets, MirrorRefuses, ::testing::Values(Dialect::kSqlite, Dialect::kPostgres), NameOfTarget);

TEST(MirrorRefusal, WrongArguments) {
  Refuses(MirrorInto("nowhere"), 64, "TARGET must be sqlite:FILE or postgres:URL");
  Refuses(MirrorInto("sqlite:"), 64, "needs a file");
  const Ran secret = MirrorInto("postgres:password SECRET");
  Refuses(secret, 64, "not a connection string");
  EXPECT_THAT(secret.err, Not(HasSubstr("SECRET")));
  Refuses(MirrorInto("sqlite:x", {"--columns", "nothing"}), 64, "there is no column nothing");
  Refuses(MirrorInto("sqlite:x", {"--table", "a;b"}), 64, "--table");
  Refuses(MirrorInto("sqlite:x", {"--partition", "p"}, "journey"), 64, "has no partitions");
}

TEST(MirrorRefusal, AFileThatCannotBeUsed) {
  const TempDir folder;
  Refuses(MirrorInto("sqlite:" + (folder / "missing/file").string()), 74, "unable to open database file");
  WriteFile(folder / "text", std::string(5000, 't'));
  Refuses(MirrorInto("sqlite:" + (folder / "text").string()), 74, "file is not a database");
  Refuses(MirrorInto("sqlite:" + folder.path().string()), 74, "unable to open database file");
}

TEST(MirrorRefusal, ADatabaseThatIsNotThere) {
  const TempDir folder;
  Refuses(MirrorInto("postgres:host=" + folder.path().string() + " dbname=none"), 74, "cannot connect to the target");
  const std::string url = TheService().postgres.url("there_is_no_such");
  const Ran ran = MirrorInto("postgres:" + url);
  Refuses(ran, 74, "does not exist");
  EXPECT_THAT(ran.err, Not(HasSubstr("trying again"))) << "the server answers: to wait would not help";
}

}  // namespace
}  // namespace journeyfeed::testing
