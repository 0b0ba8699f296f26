// A read whose deadline passes while it waits for a connection is not executed.
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "storage/postgres/connection/worker_pool.h"
#include "tests/support/eventually.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

TEST(WorkerPool, AReadWhoseDeadlinePassesInTheQueueIsToldSoWithoutASession) {
  WorkerPool pool("host=/nowhere dbname=none", "", 1, 10, {});
  std::promise<void> busy, go_on;
  pool.Submit(Deadline::max(), [&](const Result<Connection*>&) {
    busy.set_value();
    go_on.get_future().wait();
  });
  busy.get_future().wait();
  const auto deadline = std::chrono::steady_clock::now() + 1ms;
  std::promise<ErrorReason> late, in_time;
  const auto telling = [](std::promise<ErrorReason>& reason) {
    return [&reason](const Result<Connection*>& connection) { reason.set_value(connection.error().reason); };
  };
  pool.Submit(deadline, telling(late));
  pool.Submit(Deadline::max(), telling(in_time));
  EXPECT_TRUE(testing::Eventually([&] { return std::chrono::steady_clock::now() > deadline; }));
  go_on.set_value();
  EXPECT_EQ(late.get_future().get(), entity::v1::ERROR_REASON_DEADLINE_EXCEEDED);
  EXPECT_EQ(in_time.get_future().get(), entity::v1::ERROR_REASON_SERVICE_UNAVAILABLE) << "it asked for a session";
}

}  // namespace
}  // namespace journeyfeed::postgres
