// The rows of a bulk message after a batch that failed as a whole.
#include "services/entity/bulk_write.h"

#include <gtest/gtest.h>

#include "tests/unit/bulk_delete/store_of_keys.h"

namespace journeyfeed::testing {
namespace {

namespace pb = entity::v1;

// Three deletions of one key: each waits for the batch before it.
class BulkWriteTest : public ::testing::Test {
 protected:
  entity_service::BulkOutcome Execute(ErrorReason first) {
    StoreOfKeys store(1);
    store.before_write = [this, first](const WriteRequest&) -> Result<void> {
      if (++sent_ > 1) return {};
      return std::unexpected(Failure{.reason = first, .message = "as the test wants it"});
    };
    entity_service::BulkRequest request{.entity = dictionary::AllEntities().front(),
                                        .message = pb::MESSAGE_NAME_DELETE_MULTIPLE,
                                        .rows = {},
                                        .request_id = {}};
    for (int i = 0; i < 3; ++i) {
      WriteRow row{.message = pb::MESSAGE_NAME_DELETE, .key = {.id = store.At(0)}, .values = {}, .if_match = 1};
      request.rows.push_back({.row = std::move(row), .incomplete = {}});
    }
    entity_service::BulkOutcome got;
    entity_service::ExecuteBulk(store, {}, std::move(request),
                                [&](Result<entity_service::BulkOutcome> outcome) { got = outcome.value(); });
    return got;
  }
  int sent_ = 0;
};

// Rows after one with an unknown outcome must not overtake it.
TEST_F(BulkWriteTest, NothingIsSentAfterAnUnknownOutcome) {
  const auto outcome = Execute(pb::ERROR_REASON_WRITE_OUTCOME_UNKNOWN);
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(outcome.failed, 3);
  ASSERT_EQ(outcome.results.size(), 3U);
  EXPECT_EQ(outcome.results[0].error().code(), grpc::StatusCode::UNKNOWN);
  EXPECT_EQ(outcome.results[1].error().code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(outcome.results[2].error().code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(BulkWriteTest, NothingIsSentToADatabaseThatIsAway) {
  const auto outcome = Execute(pb::ERROR_REASON_SERVICE_UNAVAILABLE);
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(outcome.failed, 3);
}

TEST_F(BulkWriteTest, WhatConcernsOneBatchEndsNoOther) {
  const auto outcome = Execute(pb::ERROR_REASON_UNEXPECTED);
  EXPECT_EQ(sent_, 3);
  ASSERT_EQ(outcome.results.size(), 3U);
  EXPECT_TRUE(outcome.results[0].has_error());
  EXPECT_FALSE(outcome.results[1].has_error());
  EXPECT_TRUE(outcome.results[2].has_error()) << "there is nothing left to delete";
}

}  // namespace
}  // namespace journeyfeed::testing
