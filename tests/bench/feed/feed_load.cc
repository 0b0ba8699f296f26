#include "tests/bench/feed/feed_load.h"

#include <algorithm>
#include <optional>

#include "tests/bench/feed/followers.h"
#include "tests/bench/feed/writer.h"
#include "tests/bench/measure/cpu_window.h"
#include "tests/bench/measure/latencies.h"

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;
using Clock = Followers::Clock;

constexpr auto kBetweenSamples = 200ms;
constexpr double kLeastShare = 0.9;

// One run: its members are destroyed in the reverse order, connections first.
class FeedRun {
 public:
  FeedRun(Contender& contender, const FeedLoad& load)
      : contender_(contender), load_(load), followers_(MakeFollowers()) {
    if (load_.records_per_second > 0) MakeWriter();
  }

  Measurement Go() {
    if (writer_) writer_->Start();
    loop_.RunFor(load_.warm_up);
    MeasureWindow();
    if (writer_) writer_->Stop();
    const bool arrived = loop_.RunUntil(Clock::now() + load_.patience, [this] { return Settled(); });
    Judge(arrived);
    return std::move(result_);
  }

 private:
  Followers MakeFollowers() {
    FollowerPlan plan{.followers = load_.followers,
                      .per_connection = load_.per_connection,
                      .stalled = load_.stalled,
                      .text_bytes = load_.text_bytes,
                      .call = [this](int follower) { return contender_.Follow(PartitionOf(follower)); }};
    return {loop_, contender_.follow_address(), std::move(plan),
            [this](const Mark& mark, Clock::time_point read_at) { OnDelivery(mark, read_at); }};
  }

  void MakeWriter() {
    writer_.emplace(loop_, contender_,
                    WriteLoad{.records_per_second = load_.records_per_second,
                              .per_call = load_.per_call,
                              .text_bytes = load_.text_bytes,
                              .partitions = load_.partitions,
                              .in_flight = load_.in_flight});
  }

  Contender::Partition PartitionOf(int follower) const {
    if (load_.partitions == 0) return std::nullopt;
    return PartitionName(follower % load_.partitions);
  }

  void OnDelivery(const Mark& mark, Clock::time_point read_at) {
    if (!measuring_) return;
    const auto answered = writer_->AnsweredAt(mark.batch);
    since_commit_.Record(answered ? read_at - *answered : 0ns);
    since_send_.Record(read_at.time_since_epoch() - mark.sent);
  }

  void MeasureWindow() {
    const std::uint64_t written = writer_ ? writer_->written() : 0;
    const std::uint64_t delivered = followers_.delivered(), messages = followers_.messages(),
                        bytes = followers_.bytes();
    CpuWindow cpu(contender_.server(), contender_.database());
    if (writer_) writer_->MeasureInto(&answers_);
    measuring_ = true;
    double peak = 0;
    for (const auto end = Clock::now() + load_.window; Clock::now() < end;) {
      loop_.RunFor(std::min<Clock::duration>(kBetweenSamples, end - Clock::now()));
      peak = std::max(peak, ResidentKilobytes(contender_.server()));
    }
    measuring_ = false;
    if (writer_) writer_->MeasureInto(nullptr);

    Metrics& metrics = result_.metrics;
    const double seconds = cpu.End(metrics);
    const auto rate = [seconds](std::uint64_t now, std::uint64_t before) {
      return static_cast<double>(now - before) / seconds;
    };
    metrics["written_per_s"] = rate(writer_ ? writer_->written() : 0, written);
    metrics["delivered_per_s"] = rate(followers_.delivered(), delivered);
    metrics["messages_per_s"] = rate(followers_.messages(), messages);
    metrics["received_mb_per_s"] = rate(followers_.bytes(), bytes) / 1e6;
    metrics["server_rss_mb"] = ResidentKilobytes(contender_.server()) * 1024 / 1e6;
    metrics["server_peak_mb"] = peak * 1024 / 1e6;
    AddTimes(metrics);
  }

  void AddTimes(Metrics& metrics) const {
    const auto add = [&metrics](const std::string& name, const Latencies& times) {
      if (times.count() == 0) return;
      metrics[name + "_p50_ms"] = times.Milliseconds(0.5);
      metrics[name + "_p99_ms"] = times.Milliseconds(0.99);
    };
    add("commit", since_commit_);
    add("send", since_send_);
    add("answer", answers_);
  }

  // How often a written record is to be delivered.
  double Copies() const {
    return load_.partitions == 0 ? load_.followers : static_cast<double>(load_.followers) / load_.partitions;
  }

  std::uint64_t Expected() const {
    std::uint64_t expected = 0;
    for (int i = 0; i < followers_.size(); ++i) expected += ExpectedOf(i).count();
    return expected;
  }

  const Tally& ExpectedOf(int follower) const {
    return writer_->WrittenTo(load_.partitions == 0 ? 0 : follower % load_.partitions);
  }

  bool Settled() const {
    return !writer_ || (writer_->settled() && (followers_.ended() > 0 || followers_.delivered() >= Expected()));
  }

  void Judge(bool arrived) {
    if (followers_.ended() > 0) Fault(followers_.problem());
    const Metrics& metrics = result_.metrics;
    JudgeClient(result_);
    if (!writer_) return;
    if (!arrived && !writer_->settled()) Fault("writes were not answered");
    if (writer_->failed() > 0) Fault(std::to_string(writer_->failed()) + " writes failed: " + writer_->problem());
    if (metrics.at("written_per_s") < kLeastShare * load_.records_per_second)
      Fault("less than 90 % of the offered rate was written");
    JudgeDeliveries();
  }

  void JudgeDeliveries() {
    if (load_.followers == 0) return;
    Metrics& metrics = result_.metrics;
    const std::uint64_t expected = Expected(), delivered = followers_.delivered();
    metrics["written"] = static_cast<double>(writer_->written());
    metrics["delivered"] = static_cast<double>(delivered);
    metrics["lost"] = static_cast<double>(expected - std::min(expected, delivered));
    const double share = metrics["delivered_per_s"] / (metrics["written_per_s"] * Copies());
    metrics["delivered_share"] = std::min(1.0, share);
    int wrong = 0;
    for (int i = 0; i < followers_.size(); ++i) wrong += followers_.tally(i) == ExpectedOf(i) ? 0 : 1;
    metrics["wrong_followers"] = wrong;
    if (wrong > 0) Fault(std::to_string(wrong) + " followers did not get exactly what was written");
    if (share < kLeastShare) Fault("less than 90 % was delivered in the window");
  }

  void Fault(std::string what) { result_.faults.push_back(std::move(what)); }

  Contender& contender_;
  const FeedLoad load_;
  http2::EventLoop loop_;
  Latencies since_commit_, since_send_, answers_;
  bool measuring_ = false;
  Measurement result_;
  std::optional<Writer> writer_;
  Followers followers_;
};

}  // namespace

Metrics FeedLoad::Parameters() const {
  const auto seconds = [](std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); };
  Metrics parameters{{"followers", followers},
                     {"per_connection", per_connection},
                     {"records_per_s", records_per_second},
                     {"per_call", per_call},
                     {"text_bytes", static_cast<double>(text_bytes)},
                     {"warm_up_s", seconds(warm_up)},
                     {"window_s", seconds(window)}};
  if (stalled > 0) parameters["stalled"] = stalled;
  if (partitions > 0) parameters["partitions"] = partitions;
  return parameters;
}

Measurement RunFeedLoad(Contender& contender, const FeedLoad& load) { return FeedRun(contender, load).Go(); }

}  // namespace journeyfeed::bench
