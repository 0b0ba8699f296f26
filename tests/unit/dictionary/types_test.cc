#include "storage/types.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include "storage/dictionary/iso_time.h"
#include "storage/failure.h"

namespace journeyfeed {
namespace {

TEST(Uuid, ReadsUpperCaseAndBracesAndWritesNeither) {
  const auto uuid = Uuid::Parse("{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->ToString(), "6628bbf7-c52a-e911-a9b7-000d3a1e6adc");
  EXPECT_EQ(Uuid::Parse("6628bbf7-c52a-e911-a9b7-000d3a1e6adc"), uuid);
}

TEST(Uuid, ReadsNothingElse) {
  for (const char* text : {"", "6628bbf7", "6628bbf7c52ae911a9b7000d3a1e6adc", "{6628bbf7-c52a-e911-a9b7-000d3a1e6adc",
                           "(6628bbf7-c52a-e911-a9b7-000d3a1e6adc)", "6628bbf7-c52a-e911-a9b7-000d3a1e6adg",
                           "6628bbf7-c52a-e911-a9b7-000d3a1e6adc ", "6628bbf7-c52a-e911-a9b70-00d3a1e6adc"}) {
    EXPECT_FALSE(Uuid::Parse(text)) << text;
  }
}

TEST(Uuid, NewOnesAreVersion7AndRise) {
  Uuid last = Uuid::MakeV7();
  for (int i = 0; i < 10'000; ++i) {
    const Uuid next = Uuid::MakeV7();
    ASSERT_LT(last, next);
    ASSERT_EQ(next.bytes[6] >> 4, 7);
    ASSERT_EQ(next.bytes[8] >> 6, 2);
    last = next;
  }
}

TEST(Uuid, NewOnesBeginWithTheTime) {
  const Uuid uuid = Uuid::MakeV7();
  std::int64_t millis = 0;
  for (int i = 0; i < 6; ++i) millis = millis << 8 | uuid.bytes[i];
  const std::chrono::sys_time<std::chrono::milliseconds> made{std::chrono::milliseconds(millis)};
  EXPECT_LT(std::chrono::abs(std::chrono::system_clock::now() - made), std::chrono::minutes(1));
}

TEST(Uuid, ThreadsNeverMakeTheSame) {
  std::vector<std::vector<Uuid>> made(4);
  std::vector<std::jthread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 5'000; ++i) mine.push_back(Uuid::MakeV7());
    });
  }
  threads.clear();
  std::set<Uuid> all;
  for (const auto& mine : made) {
    EXPECT_TRUE(std::ranges::is_sorted(mine));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 20'000u);
}

TEST(Uuid, NamesAlwaysGiveTheSame) {
  // The first 16 bytes of SHA-256("abc"), version and variant set.
  EXPECT_EQ(Uuid::FromName("abc").ToString(), "ba7816bf-8f01-8fea-8141-40de5dae2223");
  EXPECT_NE(Uuid::FromName("abc"), Uuid::FromName("abd"));
}

TEST(RecordKey, RecordWithoutPartitionHasItsIdAsPartition) {
  const Uuid id = Uuid::FromName("x");
  EXPECT_EQ(EffectivePartitionId({id}), id.ToString());
  EXPECT_EQ(EffectivePartitionId({id, "p"}), "p");
}

TEST(Timestamp, LimitsAreTheDaysTheySay) {
  EXPECT_EQ(dictionary::FormatIsoTime(kEarliestTimestamp), "1753-01-01T00:00:00Z");
  EXPECT_EQ(dictionary::FormatIsoTime(kLatestTimestamp), "9999-12-30T23:59:59.999999Z");
}

TEST(Failure, InvalidFieldsHasTheFirstReasonAndAllViolations) {
  const Failure failure = InvalidFields({{"a", "is required", entity::v1::ERROR_REASON_REQUIRED_FIELD_MISSING},
                                         {"b", "is bad", entity::v1::ERROR_REASON_INVALID_ARGUMENT}});
  EXPECT_EQ(failure.reason, entity::v1::ERROR_REASON_REQUIRED_FIELD_MISSING);
  EXPECT_EQ(failure.message, "2 invalid fields: a: is required; b: is bad");
  EXPECT_EQ(failure.violations.size(), 2u);
}

TEST(Failure, UnavailableSaysWhenToComeBack) {
  const Failure failure = Unavailable("no database", std::chrono::seconds(2));
  EXPECT_EQ(failure.reason, entity::v1::ERROR_REASON_SERVICE_UNAVAILABLE);
  EXPECT_EQ(failure.retry_after, std::chrono::seconds(2));
}

}  // namespace
}  // namespace journeyfeed
