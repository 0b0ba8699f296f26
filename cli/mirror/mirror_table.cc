#include "cli/mirror/mirror_table.h"

#include <algorithm>
#include <map>
#include <set>

#include "cli/client/feed.h"
#include "storage/dictionary/iso_time.h"
#include "storage/dictionary/row.h"

namespace journeyfeed::cli {
namespace {

using dictionary::Column;
using dictionary::Entity;

// PostgreSQL cuts longer names.
constexpr std::size_t kLongestName = 63;

bool IsPlainName(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return name.size() <= kLongestName && std::ranges::all_of(name, plain) && !name.empty() &&
         !(name[0] >= '0' && name[0] <= '9');
}

bool IsKeyOrVersion(const Entity& entity, const Column& column) {
  return &column == &entity.primary_id() || &column == &entity.version_number() || &column == entity.partition_id();
}

std::string WithFraction(std::string time) {
  if (!time.contains('.')) time.insert(time.size() - 1, ".000000");
  return time;
}

struct ToText {
  std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
  std::optional<std::string> operator()(bool value) const { return value ? "1" : "0"; }
  std::optional<std::string> operator()(std::int32_t value) const { return std::to_string(value); }
  std::optional<std::string> operator()(std::int64_t value) const { return std::to_string(value); }
  std::optional<std::string> operator()(const std::string& value) const { return value; }
  std::optional<std::string> operator()(const Uuid& value) const { return value.ToString(); }
  std::optional<std::string> operator()(Timestamp value) const {
    return WithFraction(dictionary::FormatIsoTime(value));
  }
};

Values KeyOf(const Entity& entity, const entity::v1::EntityReference& reference) {
  Values key{reference.id()};
  if (entity.elastic) key.push_back(reference.partition_id().empty() ? reference.id() : reference.partition_id());
  return key;
}

Values KeyOf(const Entity& entity, const google::protobuf::Message& record) {
  Values key{std::visit(ToText{}, dictionary::GetColumn(record, entity.primary_id()))};
  if (entity.elastic) key.push_back(std::visit(ToText{}, dictionary::GetColumn(record, *entity.partition_id())));
  return key;
}

Values RowOf(const MirrorTable& table, const Change& change, const std::string& generation) {
  Values row;
  if (change.record == nullptr) {
    row = KeyOf(*table.entity, *change.reference);
    row.emplace_back(std::to_string(change.version_number));
  } else {
    for (const Column* column : table.columns) {
      row.push_back(std::visit(ToText{}, dictionary::GetColumn(*change.record, *column)));
    }
  }
  row.emplace_back(generation);
  return row;
}

}  // namespace

std::vector<std::string> MirrorTable::requested() const {
  std::vector<std::string> names;
  if (all_columns) return names;
  for (const Column* column : columns) names.push_back(column->name);
  return names;
}

Outcome<MirrorTable> MakeMirrorTable(const Entity& entity, const std::vector<std::string>& columns,
                                     std::optional<std::string> partition_id, const std::string& name) {
  if (!name.empty() && !IsPlainName(name)) {
    return std::unexpected(UsageFailure("--table: a-z, 0-9 and _, at most 63, no digit first"));
  }
  std::set<const Column*> asked;
  for (const std::string& each : columns) {
    const Column* const column = entity.FindByAnyName(each);
    if (column == nullptr) return std::unexpected(UsageFailure("--columns: there is no column " + each));
    asked.insert(column);
  }
  MirrorTable table{.entity = &entity,
                    .name = name.empty() ? entity.table : name,
                    .columns = {},
                    .all_columns = columns.empty(),
                    .partition_id = std::move(partition_id)};
  for (const Column& column : entity.columns) {
    const bool wanted = columns.empty() ? column.stored : asked.contains(&column);
    if (wanted || IsKeyOrVersion(entity, column)) table.columns.push_back(&column);
  }
  return table;
}

std::string JoinNames(const std::vector<const Column*>& columns) {
  std::string names;
  for (const Column* column : columns) names += (names.empty() ? "" : ",") + column->name;
  return names;
}

Outcome<MirrorBatch> MakeMirrorBatch(const MirrorTable& table, const client::Batch& batch) {
  const auto received = ReadChanges(*table.entity, batch.message);
  if (!received) return std::unexpected(BadRecord());
  std::map<Values, const Change*> last;
  for (const Change& change : received->message.changes) {
    if (change.record == nullptr && change.reference == nullptr) return std::unexpected(BadRecord());
    const Change*& known =
        last[change.record ? KeyOf(*table.entity, *change.record) : KeyOf(*table.entity, *change.reference)];
    if (known == nullptr || known->version_number <= change.version_number) known = &change;
  }
  MirrorBatch rows{.written = {}, .removed = {}, .sweep = batch.sweep, .checkpoint = batch.checkpoint};
  const std::string generation = std::to_string(batch.checkpoint.generation);
  for (const auto& [key, change] : last) {
    (change->record ? rows.written : rows.removed).push_back(RowOf(table, *change, generation));
  }
  return rows;
}

}  // namespace journeyfeed::cli
