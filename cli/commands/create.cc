#include "cli/commands/write.h"

namespace journeyfeed::cli {
namespace {

struct CreateArguments {
  std::string entity;
  RecordArguments record;
  WriteArguments write;
};

Outcome<void> RunCreate(const CreateArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  auto input = ReadRecord(client, arguments.record, io.input);
  if (!input) return std::unexpected(input.error());
  WriteRequest request;
  request.target = std::move(input->record);
  return SendWrite(&EntityClient::Create, std::move(request), arguments.write, client, options, io);
}

}  // namespace

void AddCreate(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<CreateArguments>(app, action, "create", "Store a new record", RunCreate);
  AddRecord(command, arguments.record, /*clear=*/false);
  AddRequestId(command, arguments.write);
  AddReturnRepresentation(command, arguments.write);
}

}  // namespace journeyfeed::cli
