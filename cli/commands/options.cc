#include "cli/commands/options.h"

#include "cli/duration_text.h"
#include "storage/types.h"

namespace journeyfeed::cli {
namespace {

std::string CheckEntity(const std::string& name) {
  return IsEntityName(name) ? "" : "ENTITY must be session or journey, or a logical name";
}

}  // namespace

CLI::Validator IsUuid() {
  return CLI::Validator([](std::string& text) { return Uuid::Parse(text) ? "" : "must be a UUID"; }, "UUID");
}

void AddEntity(CLI::App& command, std::string& entity) {
  command.add_option("ENTITY", entity, "session or journey; also the logical name")
      ->required()
      ->check(CheckEntity)
      ->type_name("");
}

void AddKey(CLI::App& command, KeyArguments& key) {
  command.add_option("ID", key.id, "Id of the record")->required()->check(IsUuid())->type_name("");
  command.add_option("--partition", key.partition, "Partition of a session that was stored with one");
}

void AddRecord(CLI::App& command, RecordArguments& record, bool clear) {
  command.add_option("FILE", record.file, "Record as Dataverse JSON; - is the standard input")->type_name("");
  command.add_option("--set", record.set, "Sets a column, stronger than FILE; may be repeated")
      ->allow_extra_args(false)
      ->type_name("COLUMN=VALUE");
  if (!clear) return;
  command.add_option("--clear", record.clear, "Makes a column null; may be repeated")
      ->allow_extra_args(false)
      ->type_name("COLUMN");
}

void AddRequestId(CLI::App& command, WriteArguments& write) {
  command
      .add_option("--request-id", write.request_id,
                  "UUID that makes the write idempotent for 24 hours; a new one when not given")
      ->check(IsUuid());
}

void AddReturnRepresentation(CLI::App& command, WriteArguments& write) {
  command.add_flag("--return-representation", write.return_representation, "Print the record as it was stored");
}

void AddColumns(CLI::App& command, std::vector<std::string>& columns) {
  command.add_option("--columns", columns, "Columns to return; all when not given")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B");
}

void AddFilter(CLI::App& command, std::string& filter) {
  command.add_option("--filter", filter, "OData $filter: statuscode eq 192350001 and contains(msdyncrm_name,'mail')")
      ->type_name("CONDITION");
}

void AddPartition(CLI::App& command, std::optional<std::string>& partition) {
  command.add_option("--partition,--partition-id", partition, "Only this partition of the sessions")->type_name("TEXT");
}

Outcome<void> CheckPartition(const dictionary::Entity& entity, const std::optional<std::string>& partition) {
  if (!partition || entity.elastic) return {};
  return std::unexpected(UsageFailure("--partition: " + entity.logical_name + " has no partitions"));
}

google::protobuf::FieldMask MaskOf(const std::vector<std::string>& columns) {
  google::protobuf::FieldMask mask;
  for (const std::string& column : columns) mask.add_paths(column);
  return mask;
}

void AddDuration(CLI::App& command, const std::string& name, const std::string& help,
                 std::chrono::milliseconds& value) {
  command
      .add_option_function<std::string>(
          name, [&value](const std::string& text) { value = *ParseDuration(text); }, help)
      ->check([](const std::string& text) {
        return ParseDuration(text) ? "" : "must be a duration such as 250ms, 10s or 5m";
      })
      ->type_name("DURATION");
}

}  // namespace journeyfeed::cli
