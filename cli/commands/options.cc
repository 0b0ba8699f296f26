#include "cli/commands/options.h"

#include "cli/output/duration_text.h"
#include "storage/types.h"

namespace journeyfeed::cli {
namespace {

std::string CheckEntity(const std::string& name) {
  return FindEntity(name) ? "" : "ENTITY must be " + ShortNames() + ", or a logical name";
}

}  // namespace

void AddEntity(Command& command, std::string& entity) {
  command.AddOption("ENTITY", entity, ShortNames() + "; also the logical name")
      .Required()
      .Check(CheckEntity)
      .TypeName("");
}

void AddKey(Command& command, KeyArguments& key) {
  command.AddOption("ID", key.id, "Id of the record").Required().Uuid().TypeName("");
  command.AddOption("--partition", key.partition, "Partition of a session that was stored with one");
}

void AddRecord(Command& command, RecordArguments& record, bool clear) {
  command.AddOption("FILE", record.file, "Record as Dataverse JSON; - is the standard input").TypeName("");
  command.AddOption("--set", record.set, "Sets a column and overrides FILE; may be repeated")
      .OneValue()
      .TypeName("COLUMN=VALUE");
  if (!clear) return;
  command.AddOption("--clear", record.clear, "Makes a column null; may be repeated").OneValue().TypeName("COLUMN");
}

void AddRequestId(Command& command, WriteArguments& write) {
  command
      .AddOption("--request-id", write.request_id,
                 "UUID that makes the write idempotent for 24 hours; a new one when not given")
      .Uuid();
}

void AddReturnRepresentation(Command& command, WriteArguments& write) {
  command.AddFlag("--return-representation", write.return_representation, "Print the record as it was stored");
}

void AddColumns(Command& command, std::vector<std::string>& columns) {
  command.AddOption("--columns", columns, "Columns to return; all when not given")
      .Delimiter(',')
      .OneValue()
      .TypeName("A,B");
}

CommandOption AddFilter(Command& command, std::string& filter) {
  return command
      .AddOption("--filter", filter, "OData $filter: statuscode eq 192350001 and contains(msdyncrm_name,'mail')")
      .TypeName("CONDITION");
}

void AddPartition(Command& command, std::optional<std::string>& partition) {
  command.AddOption("--partition,--partition-id", partition, "Only this partition of the sessions").TypeName("TEXT");
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

void AddDuration(Command& command, const std::string& name, const std::string& help, std::chrono::milliseconds& value) {
  command
      .AddOption(
          name, [&value](const std::string& text) { value = *ParseDuration(text); }, help)
      .Check([](const std::string& text) {
        return ParseDuration(text) ? "" : "must be a duration such as 250ms, 10s or 5m";
      })
      .TypeName("DURATION");
}

}  // namespace journeyfeed::cli
