// The mirror within its target: rows and checkpoint in one transaction.
#pragma once

#include <string>

#include "cli/mirror/mirror_database.h"

namespace journeyfeed::cli {

// One thread. The constructor's arguments must outlive it. Each call is one transaction; after a temporary failure it
// may be repeated, also when that was at the commit.
class MirrorStore {
 public:
  MirrorStore(MirrorDatabase& database, const MirrorTable& table)
      : database_(database), table_(table), sql_(database.dialect(), table) {}

  // Makes the tables, or finds them as they were left, and returns the place to go on from. A column that this release
  // added is added to the table, and everything is loaded again for it, as `reload` asks for anyway. Refuses a table
  // that mirrors something else, or nothing.
  TargetResult<client::Checkpoint> Open(bool reload);

  // Precondition: Open succeeded. Refuses to write after another process has.
  TargetResult<void> Apply(const MirrorBatch& batch);

 private:
  TargetResult<client::Checkpoint> Prepare(bool reload);
  TargetResult<client::Checkpoint> Create();
  // `mirror`: the row of kFindMirror.
  TargetResult<client::Checkpoint> Continue(const Values& mirror, bool reload);
  // The failure that says how the table differs; nothing if it mirrors what it should.
  std::optional<TargetFailure> Differs(const Values& mirror) const;
  TargetResult<void> Write(const MirrorBatch& batch);
  // False: another transaction has replaced the checkpoint.
  TargetResult<bool> Advance(const std::string& checkpoint);
  TargetFailure Refuse(const std::string& problem) const;

  MirrorDatabase& database_;
  const MirrorTable& table_;
  const MirrorSql sql_;
  std::string stored_;  // the checkpoint in the target, as far as known
};

}  // namespace journeyfeed::cli
