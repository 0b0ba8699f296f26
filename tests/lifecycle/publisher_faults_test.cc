// The publisher's thread when its dependencies throw. No database.
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <atomic>
#include <stdexcept>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "services/customer_journey/lifecycle/publisher.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

// Claims a journey that is Going live, every time.
class DueWorkOfOne : public DueWork {
 public:
  Result<DueBatch> Claim(const DueQuery&) override {
    ++claims;
    if (throws) throw std::runtime_error("a fault of the claim");
    customerjourney::v1::CustomerJourney journey;
    journey.set_status_code(customerjourney::v1::CUSTOMER_JOURNEY_STATUS_CODE_STOPPING);
    DueBatch batch{.now = {1'700'000'000'000'000}, .waiting = 1, .records = {}};
    batch.records.push_back({.key = {.id = Uuid::MakeV7()}, .version = 1, .record = journey.SerializeAsString()});
    return batch;
  }
  void Release() override { ++releases; }

  std::atomic<bool> throws = false;
  std::atomic<int> claims = 0;
  std::atomic<int> releases = 0;
};

class StoreThatThrows : public Store {
 public:
  void Write(WriteRequest, Callback<WriteOutcome>) override {
    ++writes;
    throw 17;
  }
  void Retrieve(RecordRequest, Callback<std::optional<StoredRecord>>) override {}
  void RetrieveMultiple(QueryRequest, Callback<QueryPage>) override {}
  void ReadChanges(ChangePageRequest, Callback<ChangePage>) override {}
  void RetrieveChangeWindow(ChangeWindowRequest, Callback<ChangeWindow>) override {}
  ChangePosition RestartLoad(const ChangePosition& position) const override { return position; }
  PageEnd EndBefore(const PageEnd& end, std::int64_t) const override { return end; }
  CommitPoint LaterPoint(const CommitPoint&, const CommitPoint& b) const override { return b; }
  void SetCommitListener(CommitListener) override {}
  void SetReadyListener(std::function<void(bool)>) override {}
  std::vector<std::pair<std::uint8_t, std::string>> TokenKeys() const override { return {}; }

  std::atomic<int> writes = 0;
};

TEST(PublisherFaults, ExceptionsEndARoundAndItsClaims) {
  DueWorkOfOne due;
  StoreThatThrows store;
  prometheus::Registry registry;
  customer_journey::Publisher publisher(store, due, registry, {.poll_interval = 10ms, .longest_backoff = 10ms});
  publisher.Start();
  publisher.SetReady(true);
  EXPECT_TRUE(Eventually([&] { return store.writes >= 3; })) << "writes that throw";
  EXPECT_GE(due.releases, 2);
  due.throws = true;
  const int before = due.claims;
  EXPECT_TRUE(Eventually([&] { return due.claims >= before + 3; })) << "claims that throw";
  publisher.Stop();
}

}  // namespace
}  // namespace journeyfeed::testing
