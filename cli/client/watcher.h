// Prints the changes of a feed.
#pragma once

#include <optional>
#include <ostream>
#include <stop_token>

#include "cli/client/feed.h"
#include "cli/input/file_io.h"
#include "cli/input/token_file.h"
#include "cli/output/load_progress.h"

namespace journeyfeed::cli {

// The outputs. All must outlive the Watcher.
struct WatchOutput {
  LineOutput& lines;
  LoadProgress& progress;
  std::ostream& notices;              // one line when the connection is lost
  const TokenFile* tokens = nullptr;  // null: the place is not saved
  bool all_messages = false;          // write a ProgressLine after each message
};

// One run over one feed. Saves the token of a message after its lines are written, never before: after a kill some
// lines may be repeated, none is missing.
class Watcher {
 public:
  // `request` says what to watch and where to start; `max_changes` counts over all connections.
  Watcher(EntityClient& client, const Connection& connection, ChangeRequest request, const WatchOutput& output)
      : client_(client), connection_(connection), request_(std::move(request)), output_(output) {}

  // Returns when everything is delivered or a stop is requested (both are successes), or with a permanent error. Until
  // then FeedConsumer continues streams that the service ends or loses.
  Outcome<void> Watch(std::stop_token stop);

 private:
  client::Next Receive(const client::Batch& batch);
  Outcome<void> Deliver(const ChangeMessage& message);
  Outcome<void> KeepPlace(const ChangeMessage& message);
  void Notify(const client::FeedError& error);

  EntityClient& client_;
  const Connection& connection_;
  const ChangeRequest request_;
  const WatchOutput output_;
  std::optional<CommandFailure> broken_;  // the output cannot be written
  bool notified_ = false;                 // about the current outage
};

}  // namespace journeyfeed::cli
