// $apply, compared with the model's rows.
#include <gmock/gmock.h>

#include <map>

#include "storage/dictionary/iso_time.h"
#include "tests/query/model.h"
#include "tests/query/query_database.h"

namespace journeyfeed::query_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ErrorReason kLimit = entity::v1::ERROR_REASON_AGGREGATE_QUERY_RECORD_LIMIT_EXCEEDED;

class AggregateTest : public ::testing::Test {
 protected:
  AggregateTest() : rows_(RandomRows(400, random_)) { database_.Fill(InsertOf(rows_)); }

  std::vector<std::vector<Cell>> Groups(const std::string& apply) {
    return database_.Read(database_.Group(Journeys(), apply)).groups;
  }

  std::mt19937 random_{11};
  QueryDatabase database_;
  std::vector<ModelRow> rows_;
};

TEST_F(AggregateTest, NumbersOfFilteredRecords) {
  for (int i = 0; i < 150; ++i) {
    const ModelCondition condition = RandomCondition(random_, 2);
    double count = 0, sum = 0, values = 0;
    std::optional<std::int64_t> least;
    for (const ModelRow& row : rows_) {
      if (!condition.holds(row).value_or(false)) continue;
      ++count;
      if (!row.recurrence_count) continue;
      ++values;
      sum += static_cast<double>(*row.recurrence_count);
      least = std::min(least.value_or(*row.recurrence_count), *row.recurrence_count);
    }
    const auto groups =
        Groups("filter(" + condition.text +
               ")/aggregate($count as n,recurrence_count with sum as s,recurrence_count with average as a,"
               "recurrence_count with min as m)");
    ASSERT_THAT(groups, SizeIs(1));
    EXPECT_EQ(groups[0][0], Cell(count)) << condition.text;
    EXPECT_EQ(groups[0][1], values == 0 ? Cell() : Cell(sum));
    if (values > 0) {
      EXPECT_NEAR(std::get<double>(groups[0][2]), sum / values, 1e-9);
    }
    EXPECT_EQ(groups[0][3], least ? Cell(static_cast<double>(*least)) : Cell());
  }
}

TEST_F(AggregateTest, GroupsInOrderWithNullsFirst) {
  std::map<std::pair<std::optional<std::int64_t>, std::optional<bool>>, double> expected;
  for (const ModelRow& row : rows_) ++expected[{row.recurrence_count, row.is_recurring}];
  const auto groups = Groups("groupby((recurrence_count,is_recurring),aggregate($count as n))");
  ASSERT_EQ(groups.size(), expected.size());
  std::size_t i = 0;
  for (const auto& [key, count] : expected) {
    const Cell number = key.first ? Cell(static_cast<double>(*key.first)) : Cell();
    const Cell boolean = key.second ? Cell(*key.second) : Cell();
    EXPECT_THAT(groups[i++], ElementsAre(number, boolean, Cell(count)));
  }
}

TEST_F(AggregateTest, TextGroupsIgnoreCase) {
  std::map<std::u32string, std::pair<std::string, double>> expected;
  for (const ModelRow& row : rows_) {
    auto& [text, count] = expected.try_emplace(Folded(row.name), row.name, 0).first->second;
    text = std::min(text, row.name);
    ++count;
  }
  const auto groups = Groups("groupby((msdyncrm_name),aggregate($count as n))");
  ASSERT_EQ(groups.size(), expected.size());
  std::size_t i = 0;
  for (const auto& [key, group] : expected)
    EXPECT_THAT(groups[i++], ElementsAre(Cell(group.first), Cell(group.second)));
}

TEST_F(AggregateTest, OwnersAndTimes) {
  EXPECT_THAT(Groups("groupby((_ownerid_value))"), SizeIs(4));
  std::optional<std::int64_t> newest;
  for (const ModelRow& row : rows_) newest = std::max(newest, row.start_date_time);
  EXPECT_THAT(Groups("aggregate(start_date_time with max as newest)"),
              ElementsAre(ElementsAre(Cell(Timestamp{*newest}))));
}

TEST_F(AggregateTest, NothingIsOneGroupOfAllAndNoGroupOfColumns) {
  EXPECT_THAT(Groups("filter(statuscode eq 99)/aggregate($count as n)"), ElementsAre(ElementsAre(Cell(0.0))));
  EXPECT_THAT(Groups("filter(statuscode eq 99)/groupby((statuscode))"), IsEmpty());
}

TEST_F(AggregateTest, LimitsOfRecordsAndGroups) {
  Query query = database_.Group(Journeys(), "aggregate($count as n)");
  query.source_limit = 400;
  EXPECT_EQ(database_.Read(query).groups.at(0).at(0), Cell(400.0));
  query.source_limit = 399;
  EXPECT_EQ(database_.TryRead(query).error().reason, kLimit);
  Query groups = database_.Group(Journeys(), "groupby((_ownerid_value))");
  groups.group_limit = 4;
  EXPECT_THAT(database_.Read(groups).groups, SizeIs(4));
  groups.group_limit = 3;
  EXPECT_EQ(database_.TryRead(groups).error().reason, kLimit);
}

}  // namespace
}  // namespace journeyfeed::query_test
