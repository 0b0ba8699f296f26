#include "cli/client/watch_stats.h"

#include <thread>
#include <utility>

#include "cli/output/error_text.h"
#include "cli/output/stats_line.h"
#include "storage/base/pause.h"

namespace journeyfeed::cli {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// What was last seen of a consumer. One thread at a time.
class Looks {
 public:
  explicit Looks(const client::FeedConsumer& consumer) : consumer_(consumer) {}

  StatsInterval Next() {
    StatsInterval interval = Since(last_, at_);
    last_ = interval.after;
    at_ = std::chrono::steady_clock::now();
    return interval;
  }
  StatsInterval Whole() const { return Since({}, began_); }

 private:
  StatsInterval Since(const client::FeedHealth& before, SteadyTime then) const {
    return {.before = before,
            .after = consumer_.health(),
            .time = std::chrono::steady_clock::now() - then,
            .now = std::chrono::system_clock::now()};
  }

  const client::FeedConsumer& consumer_;
  const SteadyTime began_ = std::chrono::steady_clock::now();
  SteadyTime at_ = began_;
  client::FeedHealth last_;
};

}  // namespace

Outcome<void> WatchStats(const EntityClient& client, const Connection& connection, const ChangeRequest& request,
                         const StatsOutput& output, const std::stop_token& stop) {
  client::FeedOptions options = MakeFeedOptions(client, connection, request);
  options.on_retry = [&](const client::FeedError& error, std::chrono::milliseconds) {
    output.notices << "journeyctl: " << ErrorSummary(FromFeed(error, connection)) << "; trying again" << std::endl;
  };
  client::FeedConsumer consumer(client.channel(), std::move(options));
  Looks looks(consumer);
  std::stop_source ended;
  const std::stop_callback forward(stop, [&] { ended.request_stop(); });
  Outcome<void> written;
  std::jthread printer([&](const std::stop_token& over) {
    while (written && Pause(over, output.interval))
      written = output.lines.Write(StatsLine(looks.Next(), output.format));
    if (!written) ended.request_stop();
  });
  const auto done = consumer.Run(
      {.token = request.data_version}, [](const client::Batch&) { return client::Next::kContinue; }, ended.get_token());
  printer.request_stop();
  printer.join();
  if (written) written = output.lines.Write(TotalLine(looks.Whole(), output.format));
  if (!written) return written;
  return done ? Outcome<void>() : std::unexpected(FromFeed(done.error(), connection));
}

}  // namespace journeyfeed::cli
