#include "cli/commands/options.h"
#include "cli/input/file_io.h"

namespace journeyfeed::cli {
namespace {

struct RetrieveArguments {
  std::string entity;
  KeyArguments key;
  std::vector<std::string> columns;
  std::string if_none_match;
  std::string session_token;
};

Outcome<void> RunRetrieve(const RetrieveArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  auto reference = MakeReference(client.entity(), arguments.key.id, arguments.key.partition);
  if (!reference) return std::unexpected(reference.error());
  const RetrieveRequest request{.reference = std::move(*reference),
                                .columns = MaskOf(arguments.columns),
                                .if_none_match = arguments.if_none_match,
                                .session_token = arguments.session_token};
  RetrieveResult result;
  auto done =
      Call(options.connection, [&](grpc::ClientContext* context) { return client.Retrieve(context, request, result); });
  if (!done) return done;
  return LineOutput(io.output).Write(result.not_modified ? NotModifiedText(options.output)
                                                         : RecordText(client.entity(), *result.record, options.output));
}

}  // namespace

void AddRetrieve(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<RetrieveArguments>(app, action, "retrieve", "Print one record", RunRetrieve);
  AddKey(command, arguments.key);
  AddColumns(command, arguments.columns);
  command.AddOption("--if-none-match", arguments.if_none_match,
                    "A version: print the record only when it has another one");
  command.AddOption("--session-token", arguments.session_token, "Of an earlier write: see that write");
}

}  // namespace journeyfeed::cli
