#include <nlohmann/json.hpp>

#include "cli/client/status_wait.h"
#include "cli/commands/options.h"
#include "cli/input/file_io.h"
#include "services/customer_journey/validation/rules.h"
#include "storage/dictionary/state.h"
#include "storage/types.h"

namespace journeyfeed::cli {
namespace {

namespace v1 = customerjourney::v1;
using Json = nlohmann::ordered_json;

// What distinguishes publish and stop.
struct Wish {
  const char* name;
  const char* help;
  JourneyStatus asked;
  JourneyStatus wanted;
};
constexpr Wish kPublish{"publish", "Set a journey Going Live and wait for the outcome",
                        v1::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE, v1::CUSTOMER_JOURNEY_STATUS_CODE_LIVE};
constexpr Wish kStop{"stop", "Set a journey Stopping and wait for the outcome",
                     v1::CUSTOMER_JOURNEY_STATUS_CODE_STOPPING, v1::CUSTOMER_JOURNEY_STATUS_CODE_STOPPED};

struct PublishArguments {
  std::string id;
  std::string if_match;
  std::string request_id;
  std::chrono::milliseconds patience = std::chrono::minutes(1);
};

std::string LabelOf(const dictionary::Entity& entity, JourneyStatus status) {
  const dictionary::Option* option = dictionary::EnforcedStates(entity).status->FindOption(status);
  return option == nullptr ? std::to_string(status) : option->label;
}

// The faults of the last check; none if the text is not in the service's format.
Json FaultsOf(const v1::CustomerJourney& journey) {
  const Json results = Json::parse(journey.validation_results(), nullptr, /*allow_exceptions=*/false);
  if (!results.is_object()) return Json::array();
  return results.value("ActivityValidationResults", Json::array());
}

Violation ViolationOf(const Json& fault) {
  const std::string code = fault.value("Fault", "");
  const std::string activity = fault.value("ActivityId", "");
  const customer_journey::RuleText* rule = customer_journey::FindRule(code);
  std::string description = fault.value("Result", "") + " " + code;
  if (rule != nullptr) description += ": " + std::string(rule->meaning);
  const auto arguments = fault.find("ErrorMessageArguments");
  if (arguments != fault.end() && !arguments->empty())
    description += " " + arguments->dump(-1, ' ', false, Json::error_handler_t::replace);
  return {activity.empty() ? "journey" : "activity " + activity, std::move(description)};
}

CommandFailure OtherwiseThanWanted(const dictionary::Entity& entity, const v1::CustomerJourney& journey,
                                   const Wish& wish) {
  CommandFailure failure;
  failure.exit_code = grpc::StatusCode::FAILED_PRECONDITION;
  failure.code = "FAILED_PRECONDITION";
  failure.message =
      "the journey is " + LabelOf(entity, journey.status_code()) + ", not " + LabelOf(entity, wish.wanted);
  if (journey.status_code() != v1::CUSTOMER_JOURNEY_STATUS_CODE_ERROR) return failure;
  for (const Json& fault : FaultsOf(journey)) failure.violations.push_back(ViolationOf(fault));
  failure.violations_total = failure.violations.size();
  failure.action = "stop the journey, correct it and publish it again";
  return failure;
}

std::string LineOf(const dictionary::Entity& entity, const v1::CustomerJourney& journey, const OutputOptions& output) {
  Json line;
  line["id"] = journey.id();
  line["version_number"] = journey.version_number();
  line["status"] = LabelOf(entity, journey.status_code());
  if (journey.has_published_by()) line["published_by"] = journey.published_by();
  if (Json faults = FaultsOf(journey); !faults.empty()) line["faults"] = std::move(faults);
  return line.dump(output.pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

Outcome<void> RunWish(const Wish& wish, const PublishArguments& arguments, const Options& options, Io& io) {
  const auto client = MakeEntityClient("journey", Connect(options.connection.address));
  const StatusRequest request{
      .id = Uuid::Parse(arguments.id)->ToString(),
      .asked = wish.asked,
      .if_match = arguments.if_match,
      .request_id = arguments.request_id.empty() ? Uuid::MakeV7().ToString() : arguments.request_id,
      .patience = arguments.patience};
  const auto outcome = ChangeStatus(*client, options.connection, request);
  if (!outcome) return std::unexpected(outcome.error());
  if (outcome->journey.status_code() != wish.wanted) {
    return std::unexpected(OtherwiseThanWanted(client->entity(), outcome->journey, wish));
  }
  return LineOutput(io.output).Write(LineOf(client->entity(), outcome->journey, options.output));
}

void AddWish(Command& app, Action& action, const Wish& wish) {
  const auto arguments = std::make_shared<PublishArguments>();
  Command command = app.AddSubcommand(wish.name, wish.help);
  command.AddOption("JOURNEY", arguments->id, "Id of the journey").Required().Uuid().TypeName("");
  command.AddOption("--if-match", arguments->if_match, "A version, or *: only when the journey has it");
  command.AddOption("--request-id", arguments->request_id, "UUID that makes the request idempotent for 24 hours")
      .Uuid();
  AddDuration(command, "--wait", "How long to wait for the outcome (1m)", arguments->patience);
  command.OnGiven([arguments, &wish, &action] {
    action = [arguments, &wish](const Options& options, Io& io) { return RunWish(wish, *arguments, options, io); };
  });
}

}  // namespace

void AddPublish(Command& app, Action& action) { AddWish(app, action, kPublish); }
void AddStop(Command& app, Action& action) { AddWish(app, action, kStop); }

}  // namespace journeyfeed::cli
