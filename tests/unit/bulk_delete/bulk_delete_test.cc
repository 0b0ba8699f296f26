#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/unit/bulk_delete/store_of_keys.h"

namespace journeyfeed::testing {
namespace {

class BulkDeleteTest : public ::testing::Test {
 protected:
  grpc::Status DeleteAll(StoreOfKeys& store, const call::StreamLifetimeSettings& settings = {}) {
    DeletionServer server(store, settings);
    return server.DeleteAll(messages_);
  }
  std::vector<DeletionServer::Response> messages_;
};

bool Names(const WriteRequest& call, const Uuid& id) {
  return std::ranges::any_of(call.rows, [&](const WriteRow& row) { return row.key.id == id; });
}

TEST_F(BulkDeleteTest, AsksForKeysInBoundedPagesAndDeletesWhatItSaw) {
  StoreOfKeys store(1'000);
  store.before_write = [](const WriteRequest& call) -> Result<void> {
    EXPECT_LE(call.rows.size(), 512u);
    EXPECT_EQ(call.parent, entity::v1::MESSAGE_NAME_BULK_DELETE);
    EXPECT_FALSE(call.request_id || call.atomic);
    EXPECT_LT(call.deadline, std::chrono::steady_clock::now() + std::chrono::seconds(31));
    for (const WriteRow& row : call.rows) {
      EXPECT_EQ(row.message, entity::v1::MESSAGE_NAME_DELETE);
      EXPECT_EQ(row.if_match, 1);
      EXPECT_FALSE(row.key.partition_id) << "canonical: it is the id's";
    }
    return {};
  };
  EXPECT_TRUE(DeleteAll(store).ok());
  EXPECT_EQ(store.size(), 0u);
  ASSERT_EQ(store.states().size(), 1u);
  EXPECT_TRUE(store.states()[0].fresh) << "the time of the server where records are created";
  for (const QueryRequest& call : store.queries()) {
    EXPECT_TRUE(call.fresh);
    EXPECT_EQ(call.query.columns, 0u);
    EXPECT_LE(call.query.page_size, 512);
    EXPECT_LT(call.deadline, std::chrono::steady_clock::now() + std::chrono::seconds(31));
  }
  EXPECT_TRUE(messages_.back().done());
}

// Thrown in the store's callback, on any thread: the caller waits for an answer.
TEST_F(BulkDeleteTest, AnExceptionEndsTheCall) {
  StoreOfKeys store(10);
  store.before_write = [](const WriteRequest&) -> Result<void> { throw std::runtime_error("a fault"); };
  EXPECT_EQ(DeleteAll(store).error_code(), grpc::StatusCode::INTERNAL);
}

// One record changes between every read of it and its deletion: the run continues without it, and fails at its end.
TEST_F(BulkDeleteTest, ARecordThatNeverRestsFails) {
  StoreOfKeys store(1'000);
  const Uuid hot = store.At(333);
  std::vector<std::chrono::steady_clock::time_point> attempts;
  store.before_write = [&](const WriteRequest& call) -> Result<void> {
    if (!Names(call, hot)) return {};
    attempts.push_back(std::chrono::steady_clock::now());
    store.Touch(hot);
    return {};
  };
  const grpc::Status end = DeleteAll(store);
  EXPECT_EQ(end.error_code(), grpc::StatusCode::ABORTED);
  ASSERT_EQ(attempts.size(), 6u) << "once in its turn, and five times again";
  for (std::size_t i = 1; i < attempts.size(); ++i) {
    EXPECT_GE(attempts[i] - attempts[i - 1], std::chrono::milliseconds(50 << (i - 1)));
  }
  EXPECT_EQ(messages_.back().progress().deleted_count(), 999);
  EXPECT_EQ(messages_.back().progress().failed_count(), 1);
  EXPECT_EQ(messages_.back().progress().remaining_estimate(), 1);
  for (const auto& message : messages_) EXPECT_FALSE(message.done());
  EXPECT_EQ(store.size(), 1u);
}

TEST_F(BulkDeleteTest, WhatItsStatusProtectsIsLeftAndTheRunFails) {
  StoreOfKeys store(600);
  store.refused = {store.At(5), store.At(599)};
  EXPECT_EQ(DeleteAll(store).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(messages_.back().progress().deleted_count(), 598);
  EXPECT_EQ(messages_.back().progress().failed_count(), 2);
  EXPECT_FALSE(messages_.back().done());
}

// The pause does not outlive the call.
TEST_F(BulkDeleteTest, ADeadlineEndsThePause) {
  StoreOfKeys store(1);
  store.before_write = [&](const WriteRequest&) -> Result<void> {
    store.Touch(store.At(0));
    return {};
  };
  const auto began = std::chrono::steady_clock::now();
  DeletionServer server(store);
  EXPECT_EQ(server.DeleteAll(messages_, std::chrono::milliseconds(300)).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(300));
}

TEST_F(BulkDeleteTest, ARecordThatChangedOnceIsDeletedInItsNewVersion) {
  StoreOfKeys store(300);
  const Uuid changed = store.At(7);
  bool first = true;
  store.before_write = [&](const WriteRequest&) -> Result<void> {
    if (std::exchange(first, false)) store.Touch(changed);
    return {};
  };
  EXPECT_TRUE(DeleteAll(store).ok());
  EXPECT_EQ(messages_.back().progress().deleted_count(), 300);
  EXPECT_EQ(store.size(), 0u);
}

TEST_F(BulkDeleteTest, AFailedBatchEndsTheCallAndWhatWasReportedIsDone) {
  StoreOfKeys store(2'000);
  int batches = 0;
  store.before_write = [&](const WriteRequest&) -> Result<void> {
    if (++batches == 3) return std::unexpected(Unavailable("scripted"));
    return {};
  };
  EXPECT_EQ(DeleteAll(store).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(batches, 3) << "nothing is begun after it";
  ASSERT_EQ(messages_.size(), 2u);
  EXPECT_FALSE(messages_.back().done());
  EXPECT_EQ(store.size(), 2'000u - static_cast<std::size_t>(messages_.back().progress().deleted_count()));
}

TEST_F(BulkDeleteTest, EndsWhenItHasLivedAsLongAsStreamsMay) {
  StoreOfKeys store(10, /*endless=*/true);
  EXPECT_TRUE(DeleteAll(store, {.mean = std::chrono::milliseconds(200)}).ok());
  ASSERT_FALSE(messages_.empty());
  EXPECT_EQ(messages_.back().stream_end().reason(), entity::v1::StreamEnd::REASON_LIFETIME);
  EXPECT_TRUE(messages_.back().stream_end().has_reconnect_after());
  EXPECT_FALSE(messages_.back().done());
}

TEST_F(BulkDeleteTest, IsNotBegunWhileTheServerDrains) {
  StoreOfKeys store(10);
  DeletionServer server(store);
  server.lifetime().Drain();
  EXPECT_EQ(server.DeleteAll(messages_).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(messages_.empty());
  EXPECT_EQ(store.size(), 10u);
}

}  // namespace
}  // namespace journeyfeed::testing
