#include "cli/input/record_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "cli/input/column_values.h"
#include "cli/input/file_io.h"
#include "storage/dictionary/dataverse_json.h"
#include "storage/dictionary/mask.h"
#include "storage/dictionary/row.h"

namespace journeyfeed::cli {
namespace {

using dictionary::Column;
using dictionary::Entity;

// Above the service's own limit, so that the service refuses a long body.
constexpr std::size_t kLongestBody = std::size_t{32} << 20;

Outcome<std::string> ReadBody(const std::string& file, int standard_input) {
  std::string body;
  if (file == "-") {
    if (const int error = ReadAll(standard_input, kLongestBody, body)) {
      return std::unexpected(FileFailure("cannot read the standard input", error));
    }
    return body;
  }
  const FileDescriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  int error = opened.get() < 0 ? errno : 0;
  if (error == 0) error = ReadAll(opened.get(), kLongestBody, body);
  if (error != 0) return std::unexpected(FileFailure("cannot read " + file, error));
  return body;
}

Outcome<RecordInput> Parse(const EntityClient& client, const std::string& json) {
  RecordInput input{.record = client.NewRecord()};
  if (auto read = dictionary::FromDataverseJson(client.entity(), json, input.record.get(), &input.named); !read) {
    return std::unexpected(FromBody(read.error()));
  }
  return input;
}

// Replaces the columns that `patch` names.
void Merge(const Entity& entity, const RecordInput& patch, RecordInput& into) {
  for (const Column& column : entity.columns) {
    if ((patch.named & column.bit()) == 0) continue;
    dictionary::SetColumn(*into.record, column, dictionary::GetColumn(*patch.record, column));
  }
  into.named |= patch.named;
}

Outcome<void> Clear(const Entity& entity, const std::vector<std::string>& names, std::uint64_t set,
                    RecordInput& input) {
  for (const std::string& name : names) {
    const Column* column = entity.FindByAnyName(name);
    if (column == nullptr)
      return std::unexpected(UsageFailure("--clear: " + entity.logical_name + " has no column " + name));
    if (dictionary::IsKey(entity, *column))
      return std::unexpected(UsageFailure("--clear: " + name + " is part of the key"));
    if ((set & column->bit()) != 0) return std::unexpected(UsageFailure("--set and --clear both name " + name));
    dictionary::SetColumn(*input.record, *column, Value());
    input.named |= column->bit();
  }
  return {};
}

// Sets a key column, unless the body has another value.
Outcome<void> SetKeyColumn(const Column& column, const Value& value, RecordInput& input) {
  const Value given = dictionary::GetColumn(*input.record, column);
  if (!std::holds_alternative<std::monostate>(given) && given != value) {
    return std::unexpected(UsageFailure("the body has another " + column.logical_name + " than the command line"));
  }
  dictionary::SetColumn(*input.record, column, value);
  input.named |= column.bit();
  return {};
}

}  // namespace

Outcome<RecordInput> ReadRecord(const EntityClient& client, const RecordArguments& arguments, int standard_input) {
  if (arguments.file.empty() && arguments.set.empty() && arguments.clear.empty()) {
    return std::unexpected(UsageFailure("give the record: a FILE, - for the standard input, or --set column=value"));
  }
  const Outcome<std::string> patch_json = ColumnsToJson(client.entity(), arguments.set);
  if (!patch_json) return std::unexpected(patch_json.error());
  const Outcome<RecordInput> patch = Parse(client, *patch_json);
  if (!patch) return std::unexpected(patch.error());

  const Outcome<std::string> body = arguments.file.empty() ? "{}" : ReadBody(arguments.file, standard_input);
  if (!body) return std::unexpected(body.error());
  Outcome<RecordInput> input = Parse(client, *body);
  if (!input) return input;
  Merge(client.entity(), *patch, *input);
  if (auto cleared = Clear(client.entity(), arguments.clear, patch->named, *input); !cleared) {
    return std::unexpected(cleared.error());
  }
  return input;
}

Outcome<entity::v1::EntityReference> MakeReference(const Entity& entity, const std::string& id,
                                                   const std::optional<std::string>& partition) {
  const auto uuid = Uuid::Parse(id);
  if (!uuid) return std::unexpected(UsageFailure("ID must be a UUID"));
  entity::v1::EntityReference reference;
  reference.set_id(uuid->ToString());
  if (partition && entity.partition_id() == nullptr) {
    return std::unexpected(UsageFailure("--partition: " + entity.logical_name + " has no partitions"));
  }
  if (partition) reference.set_partition_id(*partition);
  return reference;
}

Outcome<void> SetKey(const Entity& entity, const std::string& id, const std::optional<std::string>& partition,
                     RecordInput& input) {
  const auto reference = MakeReference(entity, id, partition);
  if (!reference) return std::unexpected(reference.error());
  if (auto set = SetKeyColumn(entity.primary_id(), *Uuid::Parse(reference->id()), input); !set) return set;
  if (!reference->has_partition_id()) return {};
  return SetKeyColumn(*entity.partition_id(), reference->partition_id(), input);
}

google::protobuf::FieldMask UpdateMask(const Entity& entity, const RecordInput& input) {
  const std::uint64_t present = dictionary::PresentColumns(entity, *input.record);
  google::protobuf::FieldMask mask;
  if ((input.named & ~present) == 0) return mask;
  for (const Column& column : entity.columns) {
    if ((input.named & column.bit()) != 0 && !dictionary::IsKey(entity, column)) mask.add_paths(column.name);
  }
  return mask;
}

}  // namespace journeyfeed::cli
