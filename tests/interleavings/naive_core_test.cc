// Two obvious core designs, each under the interleaving that breaks it, and our core under the same one. The same
// checks judge both: they fail for the naive core and pass for ours.
#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "tests/support/feed_checks.h"
#include "tests/support/page_reader.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A table and an outbox, written in one transaction, like in a simple service.
class NaiveCore {
 public:
  explicit NaiveCore(std::string url) : url_(std::move(url)) {
    Query(url_,
          "create table record (id int primary key, version bigint not null);"
          "create table outbox (seq bigserial primary key, xid xid8 not null default pg_current_xact_id(), id int not "
          "null,"
          " version bigint not null, removed boolean not null)");
  }

  // One connection: "begin", writes, "commit".
  class Session {
   public:
    explicit Session(const std::string& url) : connection_(PQconnectdb(url.c_str()), &PQfinish) {}
    void Execute(const std::string& sql) {
      const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()), &PQclear);
      const auto status = PQresultStatus(result.get());
      ASSERT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) << PQerrorMessage(connection_.get());
    }
    void Create(int id) { Write(id, false, "insert into record select " + std::to_string(id) + ", n from s"); }
    void Delete(int id) { Write(id, true, "delete from record where id = " + std::to_string(id)); }

   private:
    void Write(int id, bool removed, const std::string& change) {
      Execute(
          "with s as materialized (select nextval('outbox_seq_seq') n), o as (insert into outbox (seq, id, version, "
          "removed)"
          " select n, " +
          std::to_string(id) + ", n, " + (removed ? "true" : "false") + " from s) " + change);
    }

    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  };
  Session Open() const { return Session(url_); }

  // What a poller that remembers `position` reads, as a message. `order` is the number that it orders by.
  void Poll(const std::string& order, const std::string& horizon, RecordedFeed& feed) const {
    const std::int64_t after = feed.messages.empty() ? 0 : feed.messages.back().position.seq;
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url_.c_str()), &PQfinish);
    const std::string sql = "select " + order + "::text::bigint, id, version, removed from outbox where " + order +
                            "::text::bigint > " + std::to_string(after) + horizon + " order by 1, seq";
    const std::unique_ptr<PGresult, decltype(&PQclear)> rows(PQexec(connection.get(), sql.c_str()), &PQclear);
    RecordedMessage message;
    message.position = {.history = 1, .seq = after, .high_water = after};
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
      const std::int64_t seq = std::stoll(PQgetvalue(rows.get(), i, 0));
      message.position.seq = message.position.high_water = seq;
      message.changes.push_back({.key = Key(std::stoi(PQgetvalue(rows.get(), i, 1))),
                                 .version = std::stoll(PQgetvalue(rows.get(), i, 2)),
                                 .seq = seq,
                                 .removed = *PQgetvalue(rows.get(), i, 3) == 't'});
    }
    feed.messages.push_back(message);
  }

  FinalState Final(const std::string& order) const {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url_.c_str()), &PQfinish);
    FinalState final;
    const auto read = [&](const std::string& sql, auto row) {
      const std::unique_ptr<PGresult, decltype(&PQclear)> rows(PQexec(connection.get(), sql.c_str()), &PQclear);
      for (int i = 0; i < PQntuples(rows.get()); ++i) {
        row([&](int column) { return std::stoll(PQgetvalue(rows.get(), i, column)); });
      }
    };
    read("select id, version from record",
         [&](auto number) { final.table[Key(static_cast<int>(number(0)))] = {.version = number(1)}; });
    read("select " + order + "::text::bigint, id, version, removed::int from outbox order by 1", [&](auto number) {
      final.log.push_back({.seq = number(0),
                           .version = number(2),
                           .key = Key(static_cast<int>(number(1))),
                           .message = number(3) ? 4 : 1});
    });
    return final;
  }

 private:
  const std::string url_;
};

class NaiveCoreTest : public ::testing::Test {
 protected:
  NaiveCore Naive() { return NaiveCore(database_.url()); }
  FeedDatabase database_;
};

// A draws its number first and commits last.
TEST_F(NaiveCoreTest, NumberingBySequenceLosesWhatCommitsLate) {
  const NaiveCore naive = Naive();
  auto a = naive.Open(), b = naive.Open();
  RecordedFeed feed{.from = postgres::Position{.history = 1}};
  a.Execute("begin");
  a.Create(1);
  b.Create(2);
  naive.Poll("seq", "", feed);  // sees B's higher number and continues after it
  a.Execute("commit");
  naive.Poll("seq", "", feed);
  const FinalState final = naive.Final("seq");
  EXPECT_THAT(CheckReliable(feed, final), Contains(StartsWith("reliable")));
  EXPECT_THAT(CheckConvergent(feed, final), Contains(AllOf(HasSubstr(Describe(Key(1))), HasSubstr("missing"))));
}

TEST_F(NaiveCoreTest, OursLosesNothingThere) {
  WriteConnection a(database_), b(database_);
  PageReader reader(database_);
  ASSERT_TRUE(reader.ReadToHead());
  ASSERT_EQ(a.Execute("begin"), "");
  ASSERT_EQ(Short(a.Write(CreateRow(Key(1), "late"))).substr(0, 1), "C");
  b.Start(CreateRow(Key(2), "early"));
  EXPECT_TRUE(b.Running()) << "B must not pass A";
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_THAT(Applied(reader.feed()), IsEmpty());
  ASSERT_EQ(a.Execute("commit"), "");
  EXPECT_EQ(Short(b.Finish().front()).substr(0, 1), "C");
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_THAT(CheckFeed(reader.feed(), database_.Final()), IsEmpty());
  EXPECT_EQ(Applied(reader.feed()).size(), 2U);
}

// A gets its transaction id first; B deletes the record; then A creates it again. By transaction id the deletion comes
// last.
TEST_F(NaiveCoreTest, TheTransactionHorizonInvertsDeleteAndCreate) {
  const NaiveCore naive = Naive();
  auto a = naive.Open(), b = naive.Open();
  const std::string horizon = " and xid < pg_snapshot_xmin(pg_current_snapshot())";
  RecordedFeed feed{.from = postgres::Position{.history = 1}};
  a.Create(1);
  a.Execute("begin");
  a.Execute("select pg_current_xact_id()");
  b.Delete(1);
  naive.Poll("xid", horizon, feed);
  a.Create(1);
  a.Execute("commit");
  naive.Poll("xid", horizon, feed);
  const FinalState final = naive.Final("xid");
  EXPECT_THAT(CheckConvergent(feed, final), Contains(AllOf(HasSubstr(Describe(Key(1))), HasSubstr("missing"))));
  EXPECT_THAT(CheckOrdered(feed), Contains(HasSubstr("version does not rise")));
}

TEST_F(NaiveCoreTest, OursKeepsTheOrderThere) {
  WriteConnection a(database_), b(database_);
  PageReader reader(database_);
  ASSERT_EQ(Short(a.Write(CreateRow(Key(1), "first"))), "C1");
  // Impossible here: a transaction that already has its id is refused.
  ASSERT_EQ(a.Execute("begin"), "");
  ASSERT_EQ(a.Execute("select pg_current_xact_id()"), "");
  EXPECT_EQ(Short(a.Write(CreateRow(Key(1), "again"))), "ERROR_REASON_UNEXPECTED");
  ASSERT_EQ(a.Execute("rollback"), "");
  // The closest possible interleaving: A's transaction begins first.
  ASSERT_EQ(a.Execute("begin"), "");
  EXPECT_EQ(Short(b.Write(DeleteRow(Key(1)))).substr(0, 1), "D");
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_EQ(Short(a.Write(CreateRow(Key(1), "again"))).substr(0, 1), "C");
  ASSERT_EQ(a.Execute("commit"), "");
  ASSERT_TRUE(reader.ReadToHead());
  EXPECT_THAT(CheckFeed(reader.feed(), database_.Final()), IsEmpty());
  EXPECT_EQ(Applied(reader.feed()).size(), 1U);
}

}  // namespace
}  // namespace journeyfeed::testing
