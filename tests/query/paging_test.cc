// Pages: their limits, and that a record that does not change comes exactly once whatever is written.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "tests/query/query_database.h"

namespace journeyfeed::query_test {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// Rows first..last, named after their number; two of three without a purpose.
std::string InsertJourneys(int first, int last, const std::string& salt) {
  return "insert into journeyfeed.customer_journey (id, version_number, created_on, modified_on, created_by, "
         "modified_by, state_code,"
         " status_code, owner_id_type, owner_id, name, purpose) select md5('" +
         salt +
         "' || i)::uuid, 1, now(), now(), md5('u')::uuid, md5('u')::uuid, 0, i % 3, 'systemuser', md5('o')::uuid,"
         " 'Name ' || (i % 50) || '" +
         salt + "', case when i % 3 = 0 then 'Purpose ' || (i % 7) end from generate_series(" + std::to_string(first) +
         ", " + std::to_string(last) + ") i";
}

TEST(PagingTest, AnUntouchedRecordComesOnceUnderWriters) {
  const QueryDatabase database;
  database.Fill(InsertJourneys(1, 400, "stable"));
  const std::vector<std::string> orders = {
      "", "name", "name desc", "purpose,name desc", "purpose desc", "statuscode desc,purpose"};
  std::vector<std::vector<std::string>> expected;
  for (const std::string& order : orders) {
    expected.push_back(database.ReadAll(database.Select(Journeys(), "not contains(name,'noise')", order)));
    ASSERT_THAT(expected.back(), SizeIs(400));
  }
  std::atomic<bool> done = false;
  std::atomic<int> written = 0;
  const auto write = [&](const std::string& salt) {
    for (; !done; ++written) {
      database.Fill(InsertJourneys(1, 60, salt));
      database.Fill(
          "update journeyfeed.customer_journey set name = 'Moved ' || name, purpose = 'x' where name like '%" + salt +
          "'");
      database.Fill("delete from journeyfeed.customer_journey where name like 'Moved %" + salt + "'");
    }
  };
  std::jthread first(write, "noise1"), second(write, "noise2");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(90);
  for (int round = 0; round < 3 || (written < 3 && std::chrono::steady_clock::now() < end); ++round) {
    for (std::size_t i = 0; i < orders.size(); ++i) {
      Query query = database.Select(Journeys(), "", orders[i]);
      query.page_size = 23;
      std::vector<std::string> seen = database.ReadAll(query);
      std::erase_if(seen,
                    [&](const std::string& id) { return std::ranges::find(expected[i], id) == expected[i].end(); });
      EXPECT_EQ(seen, expected[i]) << orders[i];
    }
  }
  done = true;
  EXPECT_GE(written, 3);
}

TEST(PagingTest, APageEndsWithItsSizeInRecordsAndBytes) {
  const QueryDatabase database;
  database.Fill(InsertJourneys(1, 10, ""));
  database.Fill("update journeyfeed.customer_journey set workflow_definition = repeat('x', 100000)");
  const auto sizes = [&](Query query) {
    std::vector<std::size_t> sizes;
    while (true) {
      QueryPage page = database.Read(query);
      sizes.push_back(page.records.size());
      if (!page.next) return sizes;
      query.after = PagePosition{.as_of = {}, .values = *std::move(page.next)};
    }
  };
  Query query = database.Select(Journeys(), "");
  EXPECT_THAT(sizes(query), ElementsAre(10));
  query.page_size = 10;  // no empty page follows
  EXPECT_THAT(sizes(query), ElementsAre(10));
  query.page_size = 4;
  EXPECT_THAT(sizes(query), ElementsAre(4, 4, 2));
  query.max_bytes = 250'000;
  EXPECT_THAT(sizes(query), ElementsAre(2, 2, 2, 2, 2));
  query.max_bytes = 1;  // at least one record
  EXPECT_THAT(sizes(query), SizeIs(10));
  // Only returned columns count.
  query.max_bytes = 250'000;
  query.columns = Journeys().Find("name")->bit();
  EXPECT_THAT(sizes(query), ElementsAre(4, 4, 2));
}

// Partition and id complete the order: among equal records in one partition only the id says where the next page
// starts.
TEST(PagingTest, RecordsThatAreEqualInOrderAndPartitionComeOnce) {
  const QueryDatabase database;
  database.Fill(
      "insert into journeyfeed.journey_run_session (id, partition_id, version_number, created_on, modified_on, "
      "created_by, modified_by, name, journey_run_id, session) select md5('s' || i)::uuid, 'p' || i % 2, i, now(), "
      "now(), md5('u')::uuid, md5('u')::uuid, 'same', 'r', 's' from generate_series(1, 14) i");
  for (const char* order : {"", "name", "name desc", "partitionid,name"}) {
    Query query = database.Select(Sessions(), "", order);
    const std::vector<std::string> together = database.ReadAll(query);
    EXPECT_THAT(std::set(together.begin(), together.end()), SizeIs(14));
    query.page_size = 1;
    EXPECT_EQ(database.ReadAll(query), together) << order;
  }
}

TEST(PagingTest, TheBytesOfAPageAreThoseOfItsRecords) {
  const QueryDatabase database;
  database.Fill(InsertJourneys(1, 5000, ""));
  database.Fill(
      "update journeyfeed.customer_journey set purpose = repeat('p', 1000), content_settings_id = id, description = "
      "'d'");
  Query query = database.Select(Journeys(), "");
  query.page_size = 5000;
  const QueryPage page = database.Read(query);
  std::size_t bytes = 0;
  for (const std::string& record : page.records) bytes += record.size();
  EXPECT_TRUE(page.next);
  EXPECT_LE(bytes, 3U << 20);
  EXPECT_GT(bytes, 5U << 19);
}

TEST(PagingTest, CountsUpToItsLimit) {
  const QueryDatabase database;
  database.Fill(InsertJourneys(1, 10, ""));
  Query query = database.Select(Journeys(), "");
  EXPECT_FALSE(database.Read(query).counted);
  query.count_limit = 10;
  EXPECT_EQ(database.Read(query).counted, 10);
  query.count_limit = 9;
  query.page_size = 2;
  EXPECT_EQ(database.Read(query).counted, 10);  // one more: the limit is exceeded
  query.filter = database.Select(Journeys(), "statuscode eq 1").filter;
  EXPECT_EQ(database.Read(query).counted, 4);
}

}  // namespace
}  // namespace journeyfeed::query_test
