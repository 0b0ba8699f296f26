// A consumer of the change feed that goes on where it was, whatever happens to the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <stop_token>

#include "cli/backoff.h"
#include "cli/change_stream.h"
#include "cli/channel.h"
#include "cli/entity_client.h"
#include "cli/failure.h"
#include "cli/file_io.h"
#include "cli/load_progress.h"
#include "cli/token_file.h"

namespace journeyfeed::cli {

// Where everything goes. All of it outlives the Watcher.
struct WatchOutput {
  LineOutput& lines;
  LoadProgress& progress;
  std::ostream& notices;              // one line when the connection is lost
  const TokenFile* tokens = nullptr;  // null: the place is not kept
  bool all_messages = false;          // a ProgressLine after each message
};

// One run over one feed. The token of a message is kept after its lines were written, never before: after a kill some
// lines may come again, none is missing.
class Watcher {
 public:
  // `request` says what to see and where to start; `max_changes` counts over all connections.
  Watcher(EntityClient& client, const Connection& connection, ChangeRequest request, const WatchOutput& output)
      : client_(client), connection_(connection), request_(std::move(request)), output_(output) {}

  // Returns when all was delivered, when a stop is requested (both successes), or with what cannot be helped. Until
  // then streams that the service ends or loses are taken up again from the last token: without end when following,
  // once a first message has come; else four attempts in a row.
  Outcome<void> Run(std::stop_token stop);

 private:
  // How a stream ended.
  struct Ending {
    std::optional<Failure> failure;
    std::optional<entity::v1::StreamEnd> end;
  };

  Ending OneStream(std::stop_token stop);
  bool Receive(const ChangeMessage& message);
  Outcome<void> Deliver(const ChangeMessage& message);
  Outcome<void> KeepPlace(const ChangeMessage& message);
  bool IsComplete(const Ending& ending) const;
  // How long to wait before the next stream, or why there is none.
  Outcome<std::chrono::milliseconds> Delay(const Ending& ending);
  void Notify(const Failure& failure);

  EntityClient& client_;
  const Connection& connection_;
  ChangeRequest request_;  // always that of the next stream
  const WatchOutput output_;
  Backoff backoff_ = CallBackoff();
  std::optional<Failure> broken_;  // the output cannot be written
  std::optional<entity::v1::StreamEnd> end_;
  bool received_ = false;   // any message, ever
  bool satisfied_ = false;  // max_changes came
  bool notified_ = false;   // of the present outage
};

}  // namespace journeyfeed::cli
