#include "cli/arguments.h"

#include <algorithm>

#include "cli/commands/options.h"

namespace journeyfeed::cli {
namespace {

constexpr char kExamples[] = R"(Examples:
  journeyctl create journey journey.json
  journeyctl create session --set msdynmkt_name=run --set msdynmkt_journeyrunid=42 --set msdynmkt_session='{}'
  journeyctl retrieve journey 8aee9d91-8c2b-e911-a9b7-000d3a1e6adc --output table
  journeyctl update journey 8aee9d91-8c2b-e911-a9b7-000d3a1e6adc --set statuscode='Going Live' --if-match 17
  journeyctl publish 8aee9d91-8c2b-e911-a9b7-000d3a1e6adc
  journeyctl watch session --token-file session.token
  journeyctl mirror session sqlite:sessions.db
  journeyctl list journey --filter 'statuscode eq 192350001' --order-by 'modifiedon desc'
  journeyctl export session sessions.jsonl && journeyctl import session sessions.jsonl
  journeyctl validate journey.json
  journeyctl graph 8aee9d91-8c2b-e911-a9b7-000d3a1e6adc --svg

Exit codes: 0 done; 1 to 16 the gRPC code of the error (5 NOT_FOUND, 14 UNAVAILABLE); 64 wrong command line;
65 the journey has faults; 74 a file, the standard input or output cannot be used.)";

std::string CheckCorrelationId(const std::string& text) {
  const bool good =
      !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
  return good ? "" : "must be 1 to 128 printable ASCII characters without spaces";
}

void AddGlobalOptions(Command& app, Options& options) {
  Connection& connection = options.connection;
  connection.address = "127.0.0.1:50051";
  connection.timeout = std::chrono::seconds(30);
  app.AddOption("--address", connection.address, "host:port or unix:path of the service")
      .DefaultFrom("JOURNEYFEED_ADDRESS");
  app.AddOption("--user-id", connection.user_id, "UUID of the caller").Uuid();
  app.AddOption("--on-behalf-of", connection.on_behalf_of, "UUID of the user acted for").Uuid();
  app.AddOption("--correlation-id", connection.correlation_id, "Goes into the service's log with the call")
      .Check(CheckCorrelationId);
  AddDuration(app, "--timeout", "Time for a call with all its attempts (30s); not for watch", connection.timeout);
  AddChoice<std::optional<Format>>(app, "--output",
                                   "json (one line) or table (for people); list, import, describe: table on a terminal",
                                   options.asked_format, {{"json", Format::kJson}, {"table", Format::kTable}});
  app.AddFlag("--pretty", options.output.pretty, "JSON over several lines");
}

void AddCommands(Command& app, Action& action) {
  AddCreate(app, action);
  AddRetrieve(app, action);
  AddUpdate(app, action);
  AddUpsert(app, action);
  AddDelete(app, action);
  AddWatch(app, action);
  AddMirror(app, action);
  AddList(app, action);
  AddExport(app, action);
  AddImport(app, action);
  AddBulkDelete(app, action);
  AddCopy(app, action);
  AddDescribe(app, action);
  AddValidate(app, action);
  AddGraph(app, action);
  AddPublish(app, action);
  AddStop(app, action);
}

}  // namespace

Outcome<Invocation> ReadArguments(const std::vector<std::string>& arguments) {
  Invocation invocation;
  CommandLine command_line("journeyctl", "Reads, writes and watches the records of a journeyfeed service.", kExamples,
                           "journeyctl " JOURNEYFEED_VERSION);
  AddGlobalOptions(command_line.root(), invocation.options);
  AddCommands(command_line.root(), invocation.action);
  auto text = command_line.Parse(arguments);
  if (!text) return std::unexpected(text.error());
  if (*text) return Invocation{.options = {}, .action = {}, .text = std::move(**text)};
  if (!invocation.action) return std::unexpected(UsageFailure("a command is needed"));
  invocation.options.output.format = invocation.options.asked_format.value_or(Format::kJson);
  return invocation;
}

}  // namespace journeyfeed::cli
