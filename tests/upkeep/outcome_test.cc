// Outcomes of request ids are kept for a day, and removed by whole days.
#include <gmock/gmock.h>

#include "storage/postgres/schema/migrator.h"
#include "tests/support/write_connection.h"
#include "tests/upkeep/rotator.h"

namespace journeyfeed::testing {
namespace {

using ::testing::StartsWith;

class OutcomeTest : public ::testing::Test {
 protected:
  Outcome Create(const Uuid& request_id, int key) {
    WriteRequest call = CallOf(CreateRow(Key(key), "n"));
    call.request_id = request_id;
    std::vector<WriteRequest> calls;
    calls.push_back(std::move(call));
    return std::move(writer_.Write(calls).front());
  }
  std::string Kept() { return database_.Ask("select count(*) from journeyfeed.request_outcome"); }
  // As if everything had happened that much earlier: the day's partition counts as one of an earlier day.
  void Age(int days) {
    database_.Ask(
        "do $$ declare d record; begin"
        " for d in select to_char(current_date + i, 'YYYYMMDD') as name, current_date + i as day from"
        "   generate_series(0, 2) i loop"
        "  execute format('alter table journeyfeed.request_outcome detach partition journeyfeed.request_outcome_%s', "
        "d.name);"
        "  execute format('update journeyfeed.request_outcome_%s set created_at = created_at - interval ''" +
        std::to_string(days) +
        " days''', d.name);"
        "  execute format('alter table journeyfeed.request_outcome_%s rename to request_outcome_%s', d.name,"
        "                 to_char(d.day - " +
        std::to_string(days) +
        ", 'YYYYMMDD'));"
        "  execute format('alter table journeyfeed.request_outcome attach partition journeyfeed.request_outcome_%s"
        "                  for values from (%L) to (%L)', to_char(d.day - " +
        std::to_string(days) + ", 'YYYYMMDD'), d.day - " + std::to_string(days) + ", d.day - " +
        std::to_string(days - 1) + "); end loop; end $$");
    ASSERT_TRUE(postgres::Maintain(database_.url()));
  }

  FeedDatabase database_;
  WriteConnection writer_{database_};
  Rotator rotator_{database_};
};

TEST_F(OutcomeTest, ADayIsRemovedWhenItsLastOutcomeIsADayOld) {
  const Uuid id = Uuid::MakeV7();
  const std::string created = Short(Create(id, 1));
  ASSERT_THAT(created, StartsWith("C"));
  ASSERT_TRUE(rotator_.Round(0));
  // Today's last outcome may be made at midnight; all of today's are kept until a day after that.
  ASSERT_TRUE(rotator_.Round(1));
  EXPECT_EQ(Kept(), "1");
  EXPECT_EQ(Short(Create(id, 1)), created) << "a replay";
  ASSERT_TRUE(rotator_.Round(2));
  EXPECT_EQ(Kept(), "0");
  EXPECT_EQ(rotator_.outcomes_removed(), 1);
  EXPECT_EQ(database_.Ask("select count(*) from pg_class where relname ~ '^request_outcome_\\d+$' and relkind = 'r'"),
            "2")
      << "tomorrow and the day after stay";
  ASSERT_TRUE(postgres::Maintain(database_.url()));
  EXPECT_EQ(Short(Create(id, 1)), "X") << "executed anew: the id is free again";
}

TEST_F(OutcomeTest, WritesGoOnInTheDaysThatFollow) {
  ASSERT_THAT(Short(Create(Uuid::MakeV7(), 1)), StartsWith("C"));
  Age(4);
  ASSERT_THAT(Short(Create(Uuid::MakeV7(), 2)), StartsWith("C"));
  EXPECT_EQ(Kept(), "2");
  ASSERT_TRUE(rotator_.Round(0));
  EXPECT_EQ(Kept(), "1") << "the old one went, with the clock of the database";
  EXPECT_EQ(rotator_.outcomes_removed(), 3);
  ASSERT_THAT(Short(Create(Uuid::MakeV7(), 3)), StartsWith("C"));
}

}  // namespace
}  // namespace journeyfeed::testing
