// Which text of a write function stays when servers of several versions start over one database, in any order.
#include <gmock/gmock.h>

#include "storage/postgres/schema/migrator.h"
#include "storage/postgres/sql/statements.h"
#include "tests/support/or_throw.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using postgres::kWriteFunctionVersion;
using ::testing::StartsWith;

class FunctionVersionTest : public ::testing::Test {
 protected:
  const std::string signature_ = postgres::WriteFunctionSignature(Sessions());

  // Installs another text of the function, which behaves like the one before, with a comment.
  void Install(const std::string& comment) {
    database_.Ask(
        "do $do$ begin execute replace(pg_get_functiondef('" + signature_ +
        "'::regprocedure), '#variable_conflict use_column', E'#variable_conflict use_column\n-- another text');"
        " execute format('comment on function %s is %L', '" +
        signature_ + "'::regprocedure, '" + comment + "'); end $do$");
    ASSERT_TRUE(IsAnotherText());
  }

  static std::string Versioned(int version) { return "version " + std::to_string(version) + " md5 " + kDigest; }

  bool IsAnotherText() {
    return database_.Ask("select prosrc like '%another text%' from pg_proc where oid = '" + signature_ +
                         "'::regprocedure") == "t";
  }
  std::string Comment() {
    return database_.Ask("select obj_description('" + signature_ + "'::regprocedure, 'pg_proc')");
  }
  void Start() { OrThrow(postgres::Migrate(database_.url(), true)); }
  void Reconnect() { OrThrow(postgres::Migrate(database_.url(), false)); }

  static constexpr const char* kDigest = "0123456789abcdef0123456789abcdef";
  FeedDatabase database_;
};

TEST_F(FunctionVersionTest, TheCommentNamesIt) {
  EXPECT_THAT(Comment(), StartsWith("version " + std::to_string(kWriteFunctionVersion) + " md5 "));
}

TEST_F(FunctionVersionTest, ANewerOneStaysWhoeverStartsAndIsCalled) {
  Install(Versioned(kWriteFunctionVersion + 1));
  Start();
  Reconnect();
  EXPECT_TRUE(IsAnotherText());
  EXPECT_EQ(Comment(), Versioned(kWriteFunctionVersion + 1));
  WriteConnection session(database_);
  EXPECT_THAT(Short(session.Write(CreateRow(Key(1), "a"))), StartsWith("C"));
}

// Versions compare as numbers, not texts: 10 is newer than 9.
TEST_F(FunctionVersionTest, VersionsOfMoreDigitsAreNewer) {
  Install(Versioned(kWriteFunctionVersion + 999));
  Start();
  EXPECT_TRUE(IsAnotherText());
}

TEST_F(FunctionVersionTest, AnOlderOneIsReplacedAtTheStartOnly) {
  const std::vector<std::string> older = {Versioned(kWriteFunctionVersion - 1), kDigest, "", "of somebody"};
  for (const std::string& comment : older) {
    Install(comment);
    Reconnect();
    EXPECT_TRUE(IsAnotherText()) << comment;
    Start();
    EXPECT_FALSE(IsAnotherText()) << comment;
    EXPECT_THAT(Comment(), StartsWith("version " + std::to_string(kWriteFunctionVersion) + " md5 "));
  }
}

// Two builds that claim the same version: only developers have them.
TEST_F(FunctionVersionTest, OfTheSameVersionTheLastOneStartedWins) {
  Install(Versioned(kWriteFunctionVersion));
  Reconnect();
  EXPECT_TRUE(IsAnotherText());
  Start();
  EXPECT_FALSE(IsAnotherText());
}

// A version with one more parameter has a separate function beside this version's, whichever was made last.
TEST_F(FunctionVersionTest, AFunctionWithOtherParametersIsAnotherFunction) {
  database_.Ask(
      "create function journeyfeed.write_journey_run_session(smallint[]) returns integer language sql return 1");
  database_.Ask("comment on function journeyfeed.write_journey_run_session(smallint[]) is 'version 9 md5 x'");
  Install(kDigest);
  Start();
  EXPECT_FALSE(IsAnotherText());
  EXPECT_THAT(Comment(), StartsWith("version " + std::to_string(kWriteFunctionVersion) + " md5 "));
  EXPECT_EQ(database_.Ask("select obj_description('journeyfeed.write_journey_run_session(smallint[])'::regprocedure,"
                          " 'pg_proc')"),
            "version 9 md5 x");
  // A missing one is made, even if a newer one with other parameters exists.
  database_.Ask("drop function " + signature_);
  Start();
  EXPECT_THAT(Comment(), StartsWith("version " + std::to_string(kWriteFunctionVersion) + " md5 "));
}

}  // namespace
}  // namespace journeyfeed::testing
