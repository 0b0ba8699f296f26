#include "cli/commands/write.h"

namespace journeyfeed::cli {
namespace {

struct DeleteArguments {
  std::string entity;
  KeyArguments key;
  std::string if_match;
  WriteArguments write;
};

Outcome<void> RunDelete(const DeleteArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  auto reference = MakeReference(client.entity(), arguments.key.id, arguments.key.partition);
  if (!reference) return std::unexpected(reference.error());
  WriteRequest request;
  request.reference = std::move(*reference);
  request.if_match = arguments.if_match;
  return SendWrite(&EntityClient::Delete, std::move(request), arguments.write, client, options, io);
}

}  // namespace

void AddDelete(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<DeleteArguments>(app, action, "delete", "Remove a record", RunDelete);
  AddKey(command, arguments.key);
  command.AddOption("--if-match", arguments.if_match, "A version, or *: only when the record has it");
  AddRequestId(command, arguments.write);
}

}  // namespace journeyfeed::cli
