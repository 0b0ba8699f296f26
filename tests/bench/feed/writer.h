// Writes at a fixed rate, whatever the answers take, and knows when each write was sent and answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/contenders/contender.h"
#include "tests/bench/feed/payload.h"
#include "tests/bench/measure/latencies.h"

namespace journeyfeed::bench {

struct WriteLoad {
  double records_per_second = 1000;
  int per_call = 1;
  std::size_t text_bytes = 200;
  int partitions = 0;  // the calls take turns among so many; 0: records without a partition
  int in_flight = 64;  // calls at most; those that are due then wait
};

std::string PartitionName(int partition);

// Used by the thread of its loop. Loop and contender must outlive it. Throws std::runtime_error if the contender is not
// there.
class Writer final : private http2::EventLoop::Source, private http2::Connection::Receiver {
 public:
  using Clock = http2::Connection::Clock;

  Writer(http2::EventLoop& loop, Contender& contender, const WriteLoad& load);
  ~Writer() override;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void Start();
  void Stop();                                      // sends no more
  bool settled() const { return in_flight_ == 0; }  // all were answered

  // When a batch was answered; nothing if it was not yet.
  std::optional<Clock::time_point> AnsweredAt(std::uint32_t batch) const;
  std::uint64_t written() const { return written_; }  // records of calls that succeeded
  // What a follower of a partition, or of all, has to get of that.
  const Tally& WrittenTo(int partition) const;

  std::uint64_t failed() const { return failed_; }         // calls
  const std::string& problem() const { return problem_; }  // of the first of these

  // Collects the times from a call to its answer; nullptr: does not.
  void MeasureInto(Latencies* answers) { answers_ = answers; }

 private:
  struct Batch {
    Clock::time_point sent;
    std::optional<Clock::time_point> answered;
  };

  void OnReady(std::uint32_t events) override;
  void OnMessage(http2::Connection&, std::size_t call, std::string_view, Clock::time_point read_at) override;
  void OnEnd(http2::Connection&, std::size_t call, const http2::CallEnd& end) override;
  void SetTimer(std::chrono::nanoseconds period);
  void SendDue();
  void Send();
  std::size_t PartitionOf(std::size_t batch) const { return batch % written_to_.size(); }

  http2::EventLoop& loop_;
  Contender& contender_;
  const WriteLoad load_;
  int timer_;
  http2::Connection connection_;
  bool stopped_ = true;
  std::uint64_t due_ = 0;  // calls
  int in_flight_ = 0;
  std::vector<Batch> batches_;  // by number, which is that of the call
  std::vector<Tally> written_to_;
  std::uint64_t written_ = 0;
  std::uint64_t failed_ = 0;
  std::string problem_;
  Latencies* answers_ = nullptr;
};

}  // namespace journeyfeed::bench
