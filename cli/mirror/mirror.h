// Keeps a table of a database equal to an entity, exactly once in effect.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <stop_token>

#include "cli/client/feed.h"
#include "cli/mirror/mirror_store.h"
#include "cli/output/load_progress.h"

namespace journeyfeed::cli {

struct MirrorOutput {
  LoadProgress& progress;
  std::ostream& notices;  // a line when the service or the target is lost
};

// One run. The constructor's arguments must outlive it. One thread.
class Mirror {
 public:
  Mirror(const EntityClient& client, const Connection& connection, const MirrorTable& table, MirrorStore& store,
         const MirrorOutput& output)
      : client_(client), connection_(connection), table_(table), store_(store), output_(output) {}

  // Ends as Watcher::Watch does. A target that is away is waited for, after it was there once: that is not the end of
  // the feed, whose stream is continued afterwards. A place that the service no longer keeps begins a new load, which
  // ends with the removal of what is gone.
  Outcome<void> Run(bool follow, bool reload, std::stop_token stop);

 private:
  Outcome<client::Checkpoint> Open(bool reload, const std::stop_token& stop);
  client::Next Receive(const client::Batch& batch, const std::stop_token& stop);
  // Repeats `step` while it fails temporarily, at most `attempts` times; 0: no limit. False: a stop ended it.
  Outcome<bool> Persist(int attempts, const std::function<TargetResult<void>()>& step, const std::stop_token& stop);
  void Notify(const CommandFailure& failure);
  CommandFailure Advise(CommandFailure failure) const;

  const EntityClient& client_;
  const Connection& connection_;
  const MirrorTable& table_;
  MirrorStore& store_;
  const MirrorOutput output_;
  std::optional<CommandFailure> broken_;
  bool notified_ = false;  // about the current outage of the service
};

}  // namespace journeyfeed::cli
