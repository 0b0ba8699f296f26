// Streams that share pages: what each consumer saw keeps all promises, whatever the others do.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/feed_checks.h"
#include "tests/support/feed_consumer.h"
#include "tests/support/page_reader.h"
#include "tests/support/server_process.h"
#include "tests/support/write_connection.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using Next = FeedConsumer::Next;

constexpr int kPartitions = 4;

std::string PartitionOf(int i) { return "p" + std::to_string(i % kPartitions); }

RecordKey KeyIn(int i) { return {.id = Key(i).id, .partition_id = PartitionOf(i)}; }

// What a consumer of one partition may be compared with: the rows of others are there, since they end calls, but change
// no record.
FinalState Masked(FinalState final, const std::string& partition) {
  for (LogRow& row : final.log) {
    if (EffectivePartitionId(row.key) == partition) continue;
    row.key = {.id = Uuid::FromName("masked " + std::to_string(row.seq)), .partition_id = "masked"};
    row.message = 4;
  }
  std::erase_if(final.table, [&](const auto& row) { return EffectivePartitionId(row.first) != partition; });
  return final;
}

Problems CheckPartition(const RecordedFeed& feed, const FinalState& all, const std::string& partition) {
  const FinalState masked = Masked(all, partition);
  FinalState own = masked;
  std::erase_if(own.log, [](const LogRow& row) { return EffectivePartitionId(row.key) == "masked"; });
  Problems problems;
  for (Problems each : {CheckOrdered(feed), CheckReliable(feed, own), CheckUnique(feed), CheckAtomic(feed, masked),
                        CheckDurable(feed, masked), CheckBookmarkable(feed), CheckConvergent(feed, masked)}) {
    problems.insert(problems.end(), each.begin(), each.end());
  }
  return problems;
}

class LiveTest : public ::testing::Test {
 protected:
  // Calls of several rows over all partitions, on separate connections, like other replicas.
  void Write(int connections) {
    for (int t = 0; t < connections; ++t) {
      writers_.emplace_back([this, t](std::stop_token stop) {
        WriteConnection connection(database_);
        for (int i = 0; !stop.stop_requested(); ++i) {
          std::vector<WriteRow> rows;
          for (int k = 0; k <= i % 5; ++k) {
            const RecordKey key = KeyIn(i * 3 + k);
            rows.push_back(i % 6 == 5 ? DeleteRow(key) : UpsertRow(key, "t" + std::to_string(t)));
          }
          connection.Write({CallOf(std::move(rows))});
          ++calls_;
        }
      });
    }
  }

  struct Reader {
    Reader(const std::string& url, std::optional<std::string> of, int dies)
        : consumer(url, of), partition(std::move(of)), dies_after(dies) {}
    FeedConsumer consumer;
    std::optional<std::string> partition;
    int dies_after;  // messages; then its connection is cut and the message is not processed
    std::atomic<int> streams = 0;
  };

  void Follow(Reader& reader) {
    int messages = 0;
    while (!Done(reader) && std::chrono::steady_clock::now() < end_) {
      reader.consumer.Follow(channel_, {.progress_interval = 100ms}, [&](const RecordedMessage& message) {
        if (stop_at_ >= 0 && !message.position.load && message.position.seq >= stop_at_) return Next::kStop;
        return ++messages % reader.dies_after == 0 ? Next::kDie : Next::kGoOn;
      });
      ++reader.streams;
    }
  }
  bool Done(const Reader& reader) const { return stop_at_ >= 0 && reader.consumer.AtOrAfter(stop_at_); }

  void FollowAndCheck(int until_calls) {
    std::vector<std::unique_ptr<Reader>> readers;
    for (int i = 0; i < 12; ++i) {
      const auto partition = i % 3 == 0 ? std::optional<std::string>() : PartitionOf(i);
      readers.push_back(std::make_unique<Reader>(database_.url(), partition, 5 + i * i));
    }
    readers.push_back(std::make_unique<Reader>(database_.url(), "quiet", 1000));
    std::vector<std::jthread> threads;
    for (const auto& reader : readers) threads.emplace_back([this, &reader] { Follow(*reader); });
    ASSERT_TRUE(Eventually([&] { return calls_ > until_calls && readers[0]->streams > 3; }, 60s));
    writers_.clear();
    stop_at_ = std::stoll(database_.Ask("select max(seq) from journeyfeed.journey_run_session_log"));
    threads.clear();
    const FinalState final = database_.Final();
    for (const auto& reader : readers) {
      const RecordedFeed& feed = reader->consumer.feed();
      EXPECT_THAT(reader->partition ? CheckPartition(feed, final, *reader->partition) : CheckFeed(feed, final),
                  IsEmpty())
          << "of " << reader->partition.value_or("all") << ", which dies after " << reader->dies_after;
    }
  }

  FeedDatabase database_;
  std::atomic<int> calls_ = 0;
  std::atomic<std::int64_t> stop_at_ = -1;
  const std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + 120s;
  std::unique_ptr<ServerProcess> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::vector<std::jthread> writers_;

  void Serve(const std::vector<std::string>& settings) {
    std::vector<std::string> arguments = {"--database-url", database_.url(),        "--log-level",
                                          "warning",        "--feed-poll-interval", "10ms"};
    arguments.insert(arguments.end(), settings.begin(), settings.end());
    server_ = std::make_unique<ServerProcess>(arguments);
    channel_ = ConnectAlone(server_->address());
  }
};

TEST_F(LiveTest, EveryConsumerSeesEverythingOnce) {
  Serve({});
  Write(2);
  FollowAndCheck(600);
}

// A ring of a few changes: streams fall behind it all the time, and come back.
TEST_F(LiveTest, EveryConsumerSeesEverythingOnceBesideASmallRing) {
  Serve({"--feed-ring-bytes", "8KiB"});
  Write(2);
  FollowAndCheck(600);
}

TEST_F(LiveTest, EveryConsumerSeesEverythingOnceWithoutARing) {
  Serve({"--feed-ring-bytes", "0"});
  Write(2);
  FollowAndCheck(300);
}

}  // namespace
}  // namespace journeyfeed::testing
