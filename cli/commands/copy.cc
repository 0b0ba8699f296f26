#include "cli/commands/write.h"
#include "cli/journey/journey_copy.h"

namespace journeyfeed::cli {
namespace {

using customerjourney::v1::CustomerJourney;

struct CopyArguments {
  std::string id;
  std::string name;
  std::string session_token;
  WriteArguments write;
};

// Reads the whole record at once: definition and designer state have the same version.
Outcome<CustomerJourney> ReadOriginal(const CopyArguments& arguments, EntityClient& client, const Options& options) {
  auto reference = MakeReference(client.entity(), arguments.id, std::nullopt);
  if (!reference) return std::unexpected(reference.error());
  const RetrieveRequest request{
      .reference = std::move(*reference), .columns = {}, .if_none_match = {}, .session_token = arguments.session_token};
  RetrieveResult result;
  const auto done =
      Call(options.connection, [&](grpc::ClientContext* context) { return client.Retrieve(context, request, result); });
  if (!done) return std::unexpected(done.error());
  return static_cast<const CustomerJourney&>(*result.record);
}

Outcome<void> RunCopy(const CopyArguments& arguments, const Options& options, Io& io) {
  const auto client = MakeEntityClient("journey", Connect(options.connection.address));
  const auto original = ReadOriginal(arguments, *client, options);
  if (!original) return std::unexpected(original.error());
  const std::string name = arguments.name.empty() ? CopyName(original->name()) : arguments.name;
  WriteRequest request;
  request.target = std::make_unique<CustomerJourney>(CopyOf(*original, name));
  return SendWrite(&EntityClient::Create, std::move(request), arguments.write, *client, options, io);
}

}  // namespace

void AddCopy(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<CopyArguments>(
      app, action, "copy", "Make a Draft with the design of another customer journey", RunCopy);
  command.AddOption("JOURNEY", arguments.id, "Id of the customer journey").Required().Uuid().TypeName("");
  command.AddOption("--name", arguments.name, "Name of the copy; \"Copy of\" and the old one when not given");
  command.AddOption("--session-token", arguments.session_token, "Of an earlier write: copy what it wrote");
  AddRequestId(command, arguments.write);
  AddReturnRepresentation(command, arguments.write);
}

}  // namespace journeyfeed::cli
