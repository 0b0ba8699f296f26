// A consumer of the change feed that continues from its place, whatever happens to the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <stop_token>

#include "cli/client/backoff.h"
#include "cli/client/change_stream.h"
#include "cli/client/channel.h"
#include "cli/client/entity_client.h"
#include "cli/failure.h"
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
  // then it continues streams that the service ends or loses from the last token: without limit when following, once a
  // first message has arrived; else four attempts in a row.
  Outcome<void> Watch(std::stop_token stop);

 private:
  // How a stream ended.
  struct Ending {
    std::optional<CommandFailure> failure;
    std::optional<entity::v1::StreamEnd> end;
  };

  Ending OneStream(std::stop_token stop);
  bool Receive(const ChangeMessage& message);
  Outcome<void> Deliver(const ChangeMessage& message);
  Outcome<void> KeepPlace(const ChangeMessage& message);
  bool IsComplete(const Ending& ending) const;
  // The pause before the next stream, or the reason why there is none.
  Outcome<std::chrono::milliseconds> Delay(const Ending& ending);
  void Notify(const CommandFailure& failure);

  EntityClient& client_;
  const Connection& connection_;
  ChangeRequest request_;  // for the next stream
  const WatchOutput output_;
  Backoff backoff_ = CallBackoff();
  std::optional<CommandFailure> broken_;  // the output cannot be written
  std::optional<entity::v1::StreamEnd> end_;
  bool received_ = false;   // whether any message was ever received
  bool satisfied_ = false;  // max_changes was reached
  bool notified_ = false;   // about the current outage
};

}  // namespace journeyfeed::cli
