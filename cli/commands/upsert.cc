#include "cli/commands/write.h"

namespace journeyfeed::cli {
namespace {

struct UpsertArguments {
  std::string entity;
  KeyArguments key;
  RecordArguments record;
  std::string if_match;
  std::string if_none_match;
  WriteArguments write;
};

Outcome<void> RunUpsert(const UpsertArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  const dictionary::Entity& entity = client.entity();
  if (entity.elastic && !arguments.record.clear.empty()) {
    return std::unexpected(UsageFailure("--clear: an upsert replaces a session as a whole; leave the column out"));
  }
  auto input = ReadRecord(client, arguments.record, io.input);
  if (!input) return std::unexpected(input.error());
  if (auto set = SetKey(entity, arguments.key.id, arguments.key.partition, *input); !set) return set;
  WriteRequest request;
  // For a session absent and null are the same, and its RPC has no mask.
  if (!entity.elastic) request.update_mask = UpdateMask(entity, *input);
  request.target = std::move(input->record);
  request.if_match = arguments.if_match;
  request.if_none_match = arguments.if_none_match;
  return SendWrite(&EntityClient::Upsert, std::move(request), arguments.write, client, options, io);
}

}  // namespace

void AddUpsert(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<UpsertArguments>(
      app, action, "upsert", "Store a record whether it exists or not (a session is replaced, a journey merged)",
      RunUpsert);
  AddKey(command, arguments.key);
  AddRecord(command, arguments.record, /*clear=*/true);
  command.AddOption("--if-match", arguments.if_match, "A version, or *: only when the record has it");
  command.AddOption("--if-none-match", arguments.if_none_match, "*: only when there is no such record");
  AddRequestId(command, arguments.write);
  AddReturnRepresentation(command, arguments.write);
}

}  // namespace journeyfeed::cli
