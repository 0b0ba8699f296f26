// Random filters and orders: PostgreSQL and a simple model over the same rows must agree, page by page.
#include "tests/query/model.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/query/query_database.h"

namespace journeyfeed::query_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Expected(std::vector<ModelRow> rows, const ModelCondition& condition,
                                  const ModelOrder& order) {
  std::erase_if(rows, [&](const ModelRow& row) { return !condition.holds(row).value_or(false); });
  std::ranges::sort(rows, order.less);
  std::vector<std::string> ids;
  for (const ModelRow& row : rows) ids.push_back(row.id.ToString());
  return ids;
}

TEST(QueryModelTest, FiltersAndOrdersAgree) {
  std::mt19937 random(7);
  const QueryDatabase database;
  const std::vector<ModelRow> rows = RandomRows(300, random);
  database.Fill(InsertOf(rows));
  int selective = 0;
  for (int i = 0; i < 1200; ++i) {
    const ModelCondition condition = RandomCondition(random, 1 + i % 4);
    const ModelOrder order = RandomOrder(random);
    Query query = database.Select(Journeys(), condition.text, order.text);
    query.page_size = i % 3 == 0 ? 7 : i % 3 == 1 ? 50 : 1000;
    query.count_limit = 100;
    const auto expected = Expected(rows, condition, order);
    ASSERT_EQ(database.ReadAll(query), expected) << condition.text << "\norder: " << order.text;
    EXPECT_EQ(database.Read(query).counted, std::min<std::int64_t>(101, static_cast<std::int64_t>(expected.size())));
    selective += !expected.empty() && expected.size() < rows.size();
  }
  EXPECT_GT(selective, 600);  // else the conditions would be trivial
}

TEST(QueryModelTest, ExpiredSessionsAndOtherPartitionsAreAbsent) {
  const QueryDatabase database;
  database.Fill(
      "insert into journeyfeed.journey_run_session (id, partition_id, version_number, created_on, modified_on, "
      "expires_at, created_by,"
      " modified_by, name, journey_run_id, session) select md5(i::text)::uuid, case when i <= 3 then 'P' when i = 4 "
      "then 'p' end, i,"
      " now(), now(), case when i = 1 then now() - interval '1 second' when i = 2 then now() + interval '1 hour' end,"
      " md5('u')::uuid, md5('u')::uuid, 'n', 'Run', 's' from generate_series(1, 6) i");
  const auto ids = [&](Query query) { return database.ReadAll(std::move(query)).size(); };
  EXPECT_EQ(ids(database.Select(Sessions(), "")), 5U);
  EXPECT_EQ(ids(database.Select(Sessions(), "journey_run_id eq 'RUN'")), 5U);
  EXPECT_EQ(ids(database.Select(Sessions(), "partition_id eq 'p'")), 3U);  // case-insensitive, like all text
  EXPECT_EQ(ids(database.Select(Sessions(), "startswith(partition_id,'[o-q]')")), 3U);
  EXPECT_EQ(ids(database.Select(Sessions(), "", "partitionid desc,name")), 5U);
  Query partition = database.Select(Sessions(), "");
  partition.partition_id = "P";
  EXPECT_EQ(ids(partition), 2U);
  const std::string id = database.database().Ask("select md5('5')::uuid");
  EXPECT_THAT(database.ReadAll(database.Select(Sessions(), "partition_id eq '" + id + "'")), ElementsAre(id));
  EXPECT_THAT(database.ReadAll(database.Select(Sessions(), "name eq 'x'")), IsEmpty());
}

TEST(QueryModelTest, ColumnsWithoutATableAreNull) {
  const QueryDatabase database;
  std::mt19937 random(1);
  database.Fill(InsertOf(RandomRows(5, random)));
  EXPECT_EQ(
      database
          .ReadAll(database.Select(Journeys(), "owning_user eq null and form_to_save eq null", "owner_id_name desc"))
          .size(),
      5U);
  EXPECT_THAT(database.ReadAll(database.Select(Journeys(), "contains(owner_id_name,'[a-b]') or owning_team in (" +
                                                               Uuid().ToString() + ") or owner_id_name eq 'x'")),
              IsEmpty());
}

}  // namespace
}  // namespace journeyfeed::query_test
