#include <memory>

#include "cli/commands/options.h"
#include "cli/input/file_io.h"
#include "cli/journey/journey_check.h"
#include "cli/journey/journey_file.h"
#include "cli/journey/journey_graph.h"
#include "journeyfeed/customerjourney/v1/customer_journey_service.grpc.pb.h"

namespace journeyfeed::cli {
namespace {

namespace v1 = customerjourney::v1;

struct GraphArguments {
  std::string journey;
  bool svg = false;
};

Outcome<v1::CustomerJourney> Retrieve(const Connection& connection, const std::string& id) {
  const auto stub = v1::CustomerJourneyService::NewStub(Connect(connection.address));
  v1::RetrieveRequest request;
  request.mutable_target()->set_id(id);
  v1::RetrieveResponse response;
  const auto done =
      Call(connection, [&](grpc::ClientContext* context) { return stub->Retrieve(context, request, &response); });
  if (!done) return std::unexpected(done.error());
  return std::move(*response.mutable_entity());
}

Outcome<void> Print(const v1::CustomerJourney& journey, const customer_journey::ValidationResult& faults, bool svg,
                    const Options& options, Io& io) {
  const std::string dot = DotOf(journey, faults);
  return svg ? DrawSvg(dot, io.output, options.connection.timeout) : LineOutput(io.output).Write(dot);
}

// The service knows most about a stored journey; a file is drawn without the service.
Outcome<void> RunGraph(const GraphArguments& arguments, const Options& options, Io& io) {
  const bool stored = Uuid::Parse(arguments.journey).has_value();
  auto journey =
      stored ? Retrieve(options.connection, arguments.journey) : ReadJourneyFile(arguments.journey, io.input);
  if (!journey) return std::unexpected(journey.error());
  // Nothing goes live here, so the drawing must not depend on the day.
  journey->clear_status_code();
  const auto checked =
      stored ? CheckByService(options.connection, *journey) : Outcome<CheckedJourney>(CheckHere(*journey));
  if (!checked) return std::unexpected(checked.error());
  return Print(*journey, checked->result, arguments.svg, options, io);
}

}  // namespace

void AddGraph(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<GraphArguments>(
      app, action, "graph", "Draw the definition of a journey as Graphviz DOT, its faults in red", RunGraph);
  command
      .AddOption(
          "JOURNEY", arguments.journey,
          "Id of a stored journey; or a file as for validate, or with a definition alone; - is the standard input")
      .Required();
  command.AddFlag("--svg", arguments.svg, "Draw it as SVG with the program dot of Graphviz");
}

}  // namespace journeyfeed::cli
