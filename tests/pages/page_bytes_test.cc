// A page takes at most its bytes as a message, whatever its records contain, or is one record alone: gRPC clients
// accept messages of 4 MiB by default.
#include <gmock/gmock.h>

#include "services/feed/change_message.h"
#include "storage/postgres/feed/change_pages.h"
#include "storage/postgres/read/query_reader.h"
#include "storage/postgres/sql/sql_template.h"
#include "storage/wire.h"
#include "tests/pages/wide_records.h"
#include "tests/support/or_throw.h"
#include "tests/support/page_reader.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

// The bytes around the changes: phase, progress, token.
constexpr std::int64_t kEnvelope = 256;
constexpr std::int64_t kLimit = 20'000;

std::int64_t BytesOf(const dictionary::Entity& entity, const std::vector<Change>& changes) {
  feed::StreamMessageFacts facts;
  facts.more_records = facts.consistent = facts.call_end = facts.resync = true;
  facts.as_of = {1'700'000'000'123'456};
  facts.lag = 1'234'567'890us;
  facts.rows_done = facts.rows_estimated = 1 << 30;
  facts.data_token = std::string(120, 't');
  return static_cast<std::int64_t>(feed::MakeChangeMessage(entity, changes, facts)->Length());
}

class PageBytesTest : public ::testing::TestWithParam<const dictionary::Entity*> {
 protected:
  const dictionary::Entity& entity() const { return *GetParam(); }

  ChangePageRequest CallFrom(std::optional<ChangePosition> after) const {
    return {
        .entity = &entity(), .after = std::move(after), .partition_id = {}, .max_changes = 1000, .max_bytes = kLimit};
  }

  // Reads all pages up to the head, or to the end of the load.
  std::vector<ChangePage> Read(ChangePageRequest call) {
    std::vector<ChangePage> pages;
    while (pages.size() < 10'000) {
      pages.push_back(OrThrow(reader_.Read(*session_, call)));
      const ChangePage& page = pages.back();
      if (page.load_ended || (!page.next.loading && page.next.seq >= page.head)) break;
      call.after = page.next.position;
      call.blocks = page.next_blocks;
    }
    return pages;
  }

  // Returns the number of changes.
  int ExpectBounded(const std::vector<ChangePage>& pages, std::int64_t limit) {
    int changes = 0, alone = 0, full = 0;
    for (const ChangePage& page : pages) {
      const std::int64_t bytes = BytesOf(entity(), page.changes);
      changes += static_cast<int>(page.changes.size());
      full += bytes > limit / 2 ? 1 : 0;
      if (bytes <= limit + kEnvelope) continue;
      ++alone;
      EXPECT_EQ(page.changes.size(), 1U) << "a page of " << bytes << " bytes";
    }
    EXPECT_GT(alone, 0) << "no record is larger than a page: the test tests less";
    EXPECT_GT(full, alone + 5) << "pages are much smaller than they need to be";
    return changes;
  }

  FeedDatabase database_;
  PageReader::Session session_ = OpenReadConnection(database_);
  postgres::ChangePages reader_{30s};
};

TEST_P(PageBytesTest, OfChanges) {
  ChangePageRequest head = CallFrom({});
  head.start_at_head = true;
  const ChangePosition start = OrThrow(reader_.Read(*session_, head)).next.position;
  StoreWideRecords(database_, entity(), 500, 16'000);
  EXPECT_EQ(ExpectBounded(Read(CallFrom(start)), kLimit), 500);
  DeleteSomeRecords(database_, entity());
  const std::vector<ChangePage> pages = Read(CallFrom(start));
  EXPECT_EQ(ExpectBounded(pages, kLimit), 500);
  EXPECT_TRUE(std::ranges::any_of(
      pages, [](const ChangePage& page) { return std::ranges::any_of(page.changes, &Change::removed); }));
}

// Deletions only: no record is read for them, but each takes a reference.
TEST_P(PageBytesTest, OfDeletions) {
  StoreWideRecords(database_, entity(), 900, 1);
  ChangePageRequest head = CallFrom({});
  head.start_at_head = true;
  ChangePageRequest call = CallFrom(OrThrow(reader_.Read(*session_, head)).next.position);
  DeleteSomeRecords(database_, entity());
  call.max_bytes = 4'000;
  int changes = 0;
  for (const ChangePage& page : Read(call)) {
    EXPECT_LE(BytesOf(entity(), page.changes), call.max_bytes + kEnvelope);
    changes += static_cast<int>(page.changes.size());
  }
  EXPECT_EQ(changes, 300);
}

TEST_P(PageBytesTest, OfTheLoad) {
  StoreWideRecords(database_, entity(), 500, 16'000);
  // Reads hundreds of blocks, so that bytes end a page.
  ChangePageRequest call = CallFrom({});
  call.blocks = 500;
  EXPECT_EQ(ExpectBounded(Read(call), kLimit), 500);
}

TEST_P(PageBytesTest, OfTheLoadOfAPartition) {
  if (!entity().elastic) GTEST_SKIP() << "has no partitions";
  StoreWideRecords(database_, entity(), 500, 16'000);
  ChangePageRequest call = CallFrom({});
  call.partition_id = "p";
  EXPECT_EQ(ExpectBounded(Read(call), kLimit), 500);
}

TEST_P(PageBytesTest, OfAQuery) {
  StoreWideRecords(database_, entity(), 500, 16'000);
  journeyfeed::Query query{.entity = &entity()};
  query.page_size = 500;
  query.max_bytes = kLimit;
  std::size_t records = 0;
  int alone = 0;
  for (bool more = true; more;) {
    QueryPage page = OrThrow(postgres::ReadQuery(*session_, query, 30s, [](const postgres::SqlError&) {}));
    std::string bytes;
    for (const std::string& record : page.records) wire::AppendBytes(bytes, 1, record);
    if (bytes.size() > kLimit) {
      EXPECT_EQ(page.records.size(), 1U) << "a page of " << bytes.size() << " bytes";
      ++alone;
    }
    records += page.records.size();
    more = page.next.has_value();
    if (more) query.after = PagePosition{.as_of = {}, .values = *std::move(page.next)};
  }
  EXPECT_EQ(records, 500U);
  EXPECT_GT(alone, 0);
}

// The requested columns do not matter: columns that are always returned count too.
TEST_P(PageBytesTest, OfFewColumns) {
  StoreWideRecords(database_, entity(), 300, 3000);
  ChangePageRequest call = CallFrom({});
  call.blocks = 500;
  call.columns = 0;
  call.max_bytes = 3000;
  int changes = 0;
  for (const ChangePage& page : Read(call)) {
    EXPECT_LE(BytesOf(entity(), page.changes), call.max_bytes + kEnvelope);
    changes += static_cast<int>(page.changes.size());
  }
  EXPECT_EQ(changes, 300);
  journeyfeed::Query query{.entity = &entity()};
  query.columns = 0;
  query.max_bytes = 3000;
  const QueryPage page = OrThrow(postgres::ReadQuery(*session_, query, 30s, [](const postgres::SqlError&) {}));
  std::string bytes;
  for (const std::string& record : page.records) wire::AppendBytes(bytes, 1, record);
  EXPECT_LE(bytes.size(), 3000U);
  EXPECT_TRUE(page.next);
}

// The size that a client must accept so that every record fits: docs/operations.md says 8 MiB.
TEST_P(PageBytesTest, OfTheLargestRecord) {
  std::int64_t bytes = 512;  // a change beside its record, and the message around it
  for (const dictionary::Column* column : postgres::ReadColumns(entity())) {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    bytes += 50 + 3 * std::int64_t{column->max_length.value_or(0)};
  }
  EXPECT_LE(bytes, 8 << 20);
}

INSTANTIATE_TEST_SUITE_P(EveryEntity, PageBytesTest, ::testing::ValuesIn(dictionary::AllEntities()),
                         [](const auto& entity) { return entity.param->table; });

}  // namespace
}  // namespace journeyfeed::testing
