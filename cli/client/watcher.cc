#include "cli/client/watcher.h"

#include <utility>

#include "cli/output/change_line.h"
#include "cli/output/error_text.h"
#include "storage/proto_time.h"

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
  for (;;) {
    const Ending ending = OneStream(stop);
    if (broken_) return std::unexpected(std::move(*broken_));
    if (stop.stop_requested() || IsComplete(ending)) return {};
    const auto delay = Delay(ending);
    if (!delay) return std::unexpected(delay.error());
    if (!Pause(stop, *delay)) return {};
  }
}

Watcher::Ending Watcher::OneStream(std::stop_token stop) {
  end_.reset();
  auto done = CallOnce(
      connection_,
      [this](grpc::ClientContext* context) {
        return client_.Watch(context, request_, [this](const ChangeMessage& message) { return Receive(message); });
      },
      stop);
  output_.progress.Erase();
  if (done) return {.failure = {}, .end = end_};
  return {.failure = std::move(done.error()), .end = {}};
}

bool Watcher::Receive(const ChangeMessage& message) {
  received_ = true;
  notified_ = false;
  backoff_.Reset();
  end_ = message.stream_end;
  Outcome<void> done = Deliver(message);
  if (done) done = KeepPlace(message);
  if (!done) broken_ = std::move(done.error());
  return done && !satisfied_;
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
  if (!message.data_token.empty()) {
    request_.data_version = message.data_token;
    request_.skip_initial_load = false;
  }
  if (request_.max_changes > 0) {
    request_.max_changes -= static_cast<std::int64_t>(message.changes.size());
    satisfied_ = request_.max_changes <= 0;
  }
  if (output_.tokens == nullptr || message.data_token.empty()) return {};
  if (auto synced = output_.lines.Sync(); !synced) return synced;
  return output_.tokens->Save(message.data_token);
}

bool Watcher::IsComplete(const Ending& ending) const {
  return satisfied_ || (!request_.follow && !ending.failure && !ending.end);
}

Outcome<std::chrono::milliseconds> Watcher::Delay(const Ending& ending) {
  if (ending.end) return FromProto(ending.end->reconnect_after());
  if (!ending.failure) return backoff_.Next();
  const auto delay = backoff_.Next(ending.failure->retry_after);
  const bool patient = request_.follow && received_;
  if (!MayRetry(*ending.failure) || (!patient && backoff_.attempts() >= kMaxAttempts)) {
    return std::unexpected(Advise(*ending.failure));
  }
  Notify(*ending.failure);
  return delay;
}

void Watcher::Notify(const CommandFailure& failure) {
  if (notified_) return;
  output_.notices << "journeyctl: " << ErrorSummary(failure) << "; trying again" << std::endl;
  notified_ = true;
}

}  // namespace journeyfeed::cli
