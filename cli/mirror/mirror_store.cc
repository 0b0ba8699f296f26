#include "cli/mirror/mirror_store.h"

#include <algorithm>
#include <set>
#include <utility>

namespace journeyfeed::cli {
namespace {

enum Found { kEntity, kAllColumns, kColumns, kPartition, kCheckpoint };  // of kFindMirror

std::set<std::string> Names(const std::string& joined) {
  std::set<std::string> names;
  for (std::size_t begin = 0; begin <= joined.size();) {
    const std::size_t end = std::min(joined.find(',', begin), joined.size());
    names.insert(joined.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

}  // namespace

TargetResult<client::Checkpoint> MirrorStore::Open(bool reload) {
  auto place = Prepare(reload);
  if (place) {
    if (auto committed = database_.Commit(); !committed) place = std::unexpected(std::move(committed.error()));
  }
  if (!place) {
    database_.Rollback();
    return place;
  }
  stored_ = place->ToText();
  return place;
}

TargetResult<client::Checkpoint> MirrorStore::Prepare(bool reload) {
  if (auto begun = database_.Begin(); !begun) return std::unexpected(std::move(begun.error()));
  if (auto made = database_.Execute(kCreateMirrors); !made) return std::unexpected(std::move(made.error()));
  auto mirrors = database_.Execute(kFindMirror, {table_.name});
  if (!mirrors) return std::unexpected(std::move(mirrors.error()));
  return mirrors->empty() ? Create() : Continue((*mirrors)[0], reload);
}

TargetResult<client::Checkpoint> MirrorStore::Create() {
  auto tables = database_.Execute(sql_.FindTable());
  if (!tables) return std::unexpected(std::move(tables.error()));
  if (!tables->empty()) return std::unexpected(Refuse("is there already and is no mirror"));
  if (auto made = database_.Execute(sql_.CreateTable()); !made) return std::unexpected(std::move(made.error()));
  const client::Checkpoint place;
  auto added = database_.Execute(kAddMirror, {table_.name, table_.entity->logical_name, table_.all_columns ? "1" : "0",
                                              JoinNames(table_.columns), table_.partition_id, place.ToText()});
  if (!added) return std::unexpected(std::move(added.error()));
  return place;
}

TargetResult<client::Checkpoint> MirrorStore::Continue(const Values& mirror, bool reload) {
  if (auto different = Differs(mirror)) return std::unexpected(*std::move(different));
  auto place = client::Checkpoint::FromText(mirror[kCheckpoint].value_or(""));
  if (!place) return std::unexpected(Refuse("has a checkpoint that this release does not understand"));
  const std::set<std::string> known = Names(mirror[kColumns].value_or(""));
  bool added = false;
  for (const dictionary::Column* column : table_.columns) {
    if (known.contains(column->name)) continue;
    if (auto made = database_.Execute(sql_.AddColumn(*column)); !made) return std::unexpected(std::move(made.error()));
    added = true;
  }
  if (!added && !reload) return *place;
  const client::Checkpoint again = place->Reload();
  auto set = database_.Execute(kSetColumns, {JoinNames(table_.columns), again.ToText(), table_.name});
  if (!set) return std::unexpected(std::move(set.error()));
  return again;
}

std::optional<TargetFailure> MirrorStore::Differs(const Values& mirror) const {
  if (mirror[kEntity] != table_.entity->logical_name) return Refuse("mirrors " + mirror[kEntity].value_or("nothing"));
  if (mirror[kPartition] != table_.partition_id) {
    return Refuse(mirror[kPartition] ? "mirrors the partition " + *mirror[kPartition] : "mirrors all partitions");
  }
  const std::set<std::string> known = Names(mirror[kColumns].value_or(""));
  const std::set<std::string> wanted = Names(JoinNames(table_.columns));
  if (mirror[kAllColumns] != (table_.all_columns ? "1" : "0") || (!table_.all_columns && known != wanted)) {
    return Refuse(mirror[kAllColumns] == "1" ? "mirrors all columns"
                                             : "mirrors these columns: " + mirror[kColumns].value_or(""));
  }
  if (!std::ranges::includes(wanted, known)) {
    return Refuse("has columns of a newer release, which this one would not keep up to date");
  }
  return std::nullopt;
}

TargetResult<void> MirrorStore::Apply(const MirrorBatch& batch) {
  const std::string checkpoint = batch.checkpoint.ToText();
  if (batch.written.empty() && batch.removed.empty() && !batch.sweep && checkpoint == stored_) return {};
  auto written = Write(batch);
  if (written) written = database_.Commit();
  if (!written) {
    database_.Rollback();
    return written;
  }
  stored_ = checkpoint;
  return {};
}

TargetResult<void> MirrorStore::Write(const MirrorBatch& batch) {
  const std::string checkpoint = batch.checkpoint.ToText();
  if (auto begun = database_.Begin(); !begun) return begun;
  const auto advanced = Advance(checkpoint);
  if (!advanced) return std::unexpected(advanced.error());
  if (!*advanced) return {};  // this batch was committed, although the commit seemed to fail
  if (auto done = database_.ExecuteForAll(sql_.Upsert(), batch.written); !done) return done;
  if (auto done = database_.ExecuteForAll(sql_.Delete(), batch.removed); !done) return done;
  if (!batch.sweep) return {};
  auto swept = database_.Execute(sql_.Sweep(), {std::to_string(batch.checkpoint.generation)});
  return swept ? TargetResult<void>() : std::unexpected(std::move(swept.error()));
}

TargetResult<bool> MirrorStore::Advance(const std::string& checkpoint) {
  auto set = database_.Execute(kSetCheckpoint, {checkpoint, table_.name, stored_});
  if (!set) return std::unexpected(std::move(set.error()));
  if (!set->empty()) return true;
  auto present = database_.Execute(kGetCheckpoint, {table_.name});
  if (!present) return std::unexpected(std::move(present.error()));
  if (!present->empty() && (*present)[0][0] == checkpoint) return false;
  return std::unexpected(Refuse("is written by another process"));
}

TargetFailure MirrorStore::Refuse(const std::string& problem) const {
  return UnusableTarget("the table " + table_.name + " of the target " + problem,
                        "name another table with --table, or ask for what it mirrors");
}

}  // namespace journeyfeed::cli
