#include "cli/client/watcher.h"

#include <utility>

#include "cli/output/change_line.h"
#include "cli/output/error_text.h"

namespace journeyfeed::cli {
namespace {

// Adds the action in terms of this program.
CommandFailure Advise(CommandFailure failure) {
  if (failure.reason == "EXPIRED_VERSION_STAMP") {
    failure.action = "start without the token (remove the token file) to load everything, or use --on-expired resync";
  } else if (failure.reason == "FEED_HISTORY_CHANGED") {
    failure.action = "start without the token (remove the token file) and replace the copy with what it loads";
  }
  return failure;
}

}  // namespace

Outcome<void> Watcher::Watch(std::stop_token stop) {
  client::FeedOptions options = MakeFeedOptions(client_, connection_, request_);
  options.on_retry = [this](const client::FeedError& error, std::chrono::milliseconds) { Notify(error); };
  client::FeedConsumer consumer(client_.channel(), std::move(options));
  const auto receive = [this](const client::Batch& batch) { return Receive(batch); };
  const auto done = consumer.Run({.token = request_.data_version}, receive, std::move(stop));
  output_.progress.Erase();
  if (broken_) return std::unexpected(std::move(*broken_));
  if (!done) return std::unexpected(Advise(FromFeed(done.error(), connection_)));
  return {};
}

client::Next Watcher::Receive(const client::Batch& batch) {
  notified_ = false;
  auto received = ReadChanges(client_.entity(), batch.message);
  if (received) received->message.resync = batch.resync;
  Outcome<void> done = received ? Deliver(received->message) : std::unexpected(BadRecord());
  if (done) done = KeepPlace(received->message);
  if (!done) broken_ = std::move(done.error());
  return done ? client::Next::kContinue : client::Next::kStop;
}

Outcome<void> Watcher::Deliver(const ChangeMessage& message) {
  output_.progress.Show(message);
  if (message.resync) {
    if (auto written = output_.lines.Write(ResyncLine()); !written) return written;
  }
  for (const Change& change : message.changes) {
    auto written = output_.lines.Write(ChangeLine(client_.entity(), message, change));
    if (!written) return written;
  }
  return output_.all_messages ? output_.lines.Write(ProgressLine(message)) : Outcome<void>();
}

Outcome<void> Watcher::KeepPlace(const ChangeMessage& message) {
  if (output_.tokens == nullptr || message.data_token.empty()) return {};
  if (auto synced = output_.lines.Sync(); !synced) return synced;
  return output_.tokens->Save(message.data_token);
}

void Watcher::Notify(const client::FeedError& error) {
  output_.progress.Erase();
  if (notified_) return;
  output_.notices << "journeyctl: " << ErrorSummary(FromFeed(error, connection_)) << "; trying again" << std::endl;
  notified_ = true;
}

}  // namespace journeyfeed::cli
