// `journeyfeed-server --open-history`, used like an operator.
#include <gmock/gmock.h>

#include "storage/embedded/command.h"
#include "tests/history/node.h"
#include "tests/support/or_throw.h"
#include "tests/support/page_reader.h"
#include "tests/support/test_postgres.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using ::testing::HasSubstr;

embedded::Outcome Server(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), JOURNEYFEED_SERVER_BINARY);
  return OrThrow(embedded::RunCommand({std::move(arguments), *embedded::CurrentUser()},
                                      embedded::Clock::now() + std::chrono::seconds(60)));
}

std::string Histories(const Node& node) {
  return Query(node.url(),
               "select string_agg(entity || ':' || n, ' ' order by entity) from"
               " (select entity, count(*) as n from journeyfeed.feed_history group by 1) q");
}

TEST(OpenHistory, ShowsThenOpensWhatIsNamed) {
  Node node(Node::Fresh());
  node.Start();
  Query(node.url("postgres"), "create database feed");
  const auto no_schema = Server({"--open-history", "--database-url", node.url()});
  EXPECT_EQ(no_schema.exit_code, 1);
  EXPECT_THAT(no_schema.output, HasSubstr("start a server of this version first"));
  Query(node.url("postgres"), "drop database feed");
  MakeFeed(node);

  const FeedDatabase database(node.url());
  WriteConnection writer(database);
  ASSERT_EQ(Short(writer.Write(UpsertRow(Key(1), "before"))), "C1");
  PageReader reader(database);
  ASSERT_TRUE(reader.ReadToHead());

  const auto shown = Server({"--open-history", "--database-url", node.url()});
  EXPECT_EQ(shown.exit_code, 0) << shown.output;
  EXPECT_THAT(shown.output, HasSubstr("--open-history=feed"));
  EXPECT_THAT(shown.output, HasSubstr("head 1"));
  const auto mistaken = Server({"--open-history=other", "--database-url", node.url()});
  EXPECT_EQ(mistaken.exit_code, 1);
  EXPECT_THAT(mistaken.output, HasSubstr("nothing was done"));
  EXPECT_EQ(Histories(node), "1:1 2:1");

  const auto opened = Server({"--open-history=feed", "--database-url", node.url()});
  EXPECT_EQ(opened.exit_code, 0) << opened.output;
  EXPECT_EQ(Histories(node), "1:2 2:2");
  // A consumer at the head notices nothing; numbers continue far above.
  const auto after = writer.Write(UpsertRow(Key(1), "after"));
  ASSERT_TRUE(after);
  EXPECT_GT(VersionOf(after), 1LL << 32);
  EXPECT_TRUE(reader.ReadToHead());

  Node standby(Node::BackupOf(node, true));
  standby.Start();
  const auto refused = Server({"--open-history=feed", "--database-url", standby.url()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.output, HasSubstr("in recovery"));
}

TEST(TokenKeys, AreShownAddedAndRemoved) {
  Node node(Node::Fresh());
  node.Start();
  MakeFeed(node);
  const auto keys = [&](const std::string& change) {
    return Server({"--token-keys" + change, "--database-url", node.url()});
  };
  Query(node.url(), "update journeyfeed.token_key set created_at = created_at - interval '1 hour'");
  const std::string secret = Query(node.url(), "select encode(secret, 'hex') from journeyfeed.token_key");

  const auto shown = keys("");
  EXPECT_EQ(shown.exit_code, 0) << shown.output;
  EXPECT_THAT(shown.output, ::testing::MatchesRegex("key 1: created [^\n]*, signs\n"));
  const auto added = keys("=add");
  EXPECT_EQ(added.exit_code, 0) << added.output;
  EXPECT_THAT(added.output, ::testing::ContainsRegex("key 1: .*, signs\nkey 2: .*, verifies, signs in [56][0-9]? s"));
  EXPECT_EQ(Query(node.url(), "select length(secret) from journeyfeed.token_key where key_id = 2"), "48");

  // Only a key that no new token needs can be removed.
  for (const char* refused : {"=remove:1", "=remove:3", "=remove:", "=remove:2 or true", "=renew"}) {
    const auto outcome = keys(refused);
    EXPECT_EQ(outcome.exit_code, 1) << refused;
    EXPECT_EQ(Query(node.url(), "select count(*) from journeyfeed.token_key"), "2") << refused;
  }
  Query(node.url(), "update journeyfeed.token_key set created_at = created_at - interval '2 minutes' where key_id = 2");
  const auto removed = keys("=remove:1");
  EXPECT_EQ(removed.exit_code, 0) << removed.output;
  EXPECT_THAT(removed.output, ::testing::MatchesRegex("key 2: created [^\n]*, signs\n"));
  EXPECT_THAT(shown.output + added.output + removed.output, ::testing::Not(HasSubstr(secret)));
}

}  // namespace
}  // namespace journeyfeed::testing
