#include "cli/mirror/mirror.h"

#include <utility>

#include "cli/client/backoff.h"
#include "cli/output/error_text.h"

namespace journeyfeed::cli {

Outcome<void> Mirror::Run(bool follow, bool reload, std::stop_token stop) {
  const auto place = Open(reload, stop);
  if (!place) return std::unexpected(place.error());
  if (stop.stop_requested()) return {};
  ChangeRequest request{.partition_id = table_.partition_id, .follow = follow};
  for (const std::string& column : table_.requested()) request.columns.add_paths(column);
  client::FeedOptions options = MakeFeedOptions(client_, connection_, request);
  options.when_lost = client::WhenLost::kReload;
  options.on_retry = [this](const client::FeedError& error, std::chrono::milliseconds) {
    if (!std::exchange(notified_, true)) Notify(FromFeed(error, connection_));
  };
  client::FeedConsumer consumer(client_.channel(), std::move(options));
  const auto receive = [&](const client::Batch& batch) { return Receive(batch, stop); };
  const auto done = consumer.Run(*place, receive, stop);
  output_.progress.Erase();
  if (broken_) return std::unexpected(std::move(*broken_));
  if (!done) return std::unexpected(Advise(FromFeed(done.error(), connection_)));
  return {};
}

Outcome<client::Checkpoint> Mirror::Open(bool reload, const std::stop_token& stop) {
  client::Checkpoint place;
  const auto open = [&]() -> TargetResult<void> {
    auto opened = store_.Open(reload);
    if (!opened) return std::unexpected(std::move(opened.error()));
    place = *std::move(opened);
    return {};
  };
  const auto done = Persist(kMaxAttempts, open, stop);
  if (!done) return std::unexpected(done.error());
  return place;
}

client::Next Mirror::Receive(const client::Batch& batch, const std::stop_token& stop) {
  notified_ = false;
  auto rows = MakeMirrorBatch(table_, batch);
  Outcome<bool> done = rows ? Persist(
                                  0, [&] { return store_.Apply(*rows); }, stop)
                            : Outcome<bool>(std::unexpected(rows.error()));
  if (!done) broken_ = std::move(done.error());
  if (!done || !*done) return client::Next::kStop;
  ChangeMessage message{.phase = batch.message.phase(), .resync = batch.resync};
  if (batch.message.has_progress()) message.progress = batch.message.progress();
  output_.progress.Show(message);
  return client::Next::kContinue;
}

Outcome<bool> Mirror::Persist(int attempts, const std::function<TargetResult<void>()>& step,
                              const std::stop_token& stop) {
  Backoff backoff = CallBackoff();
  for (;;) {
    auto done = step();
    if (done) return true;
    if (stop.stop_requested()) return false;
    const auto pause = backoff.Next();
    if (!done.error().temporary || backoff.attempts() == attempts) return std::unexpected(done.error().failure);
    if (backoff.attempts() == 1) Notify(done.error().failure);
    if (!Pause(stop, pause)) return false;
  }
}

void Mirror::Notify(const CommandFailure& failure) {
  output_.progress.Erase();
  output_.notices << "journeyctl: " << ErrorSummary(failure) << "; trying again" << std::endl;
}

CommandFailure Mirror::Advise(CommandFailure failure) const {
  if (failure.reason == "FEED_TOKEN_INVALID") {
    failure.action = "the table " + table_.name +
                     " mirrors another service or database: name another table with --table, or load it again from "
                     "this one with --reload";
  }
  return failure;
}

}  // namespace journeyfeed::cli
