#include "cli/commands/write.h"

namespace journeyfeed::cli {
namespace {

struct UpdateArguments {
  std::string entity;
  KeyArguments key;
  RecordArguments record;
  std::string if_match;
  WriteArguments write;
};

Outcome<void> RunUpdate(const UpdateArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  auto reference = MakeReference(client.entity(), arguments.key.id, arguments.key.partition);
  if (!reference) return std::unexpected(reference.error());
  auto input = ReadRecord(client, arguments.record, io.input);
  if (!input) return std::unexpected(input.error());
  if (auto set = SetKey(client.entity(), arguments.key.id, arguments.key.partition, *input); !set) return set;
  WriteRequest request;
  request.reference = std::move(*reference);
  request.update_mask = UpdateMask(client.entity(), *input);
  request.target = std::move(input->record);
  request.if_match = arguments.if_match;
  return SendWrite(&EntityClient::Update, std::move(request), arguments.write, client, options, io);
}

}  // namespace

void AddUpdate(Command& app, Action& action) {
  auto [command, arguments] =
      AddCommand<UpdateArguments>(app, action, "update", "Change columns of a record; null clears", RunUpdate);
  AddKey(command, arguments.key);
  AddRecord(command, arguments.record, /*clear=*/true);
  command.AddOption("--if-match", arguments.if_match, "A version, or *: only when the record has it");
  AddRequestId(command, arguments.write);
  AddReturnRepresentation(command, arguments.write);
}

}  // namespace journeyfeed::cli
