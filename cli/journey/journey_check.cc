#include "cli/journey/journey_check.h"

#include <chrono>

#include "cli/journey/journey_file.h"
#include "cli/output/error_text.h"
#include "journeyfeed/customerjourney/v1/customer_journey_service.grpc.pb.h"

namespace journeyfeed::cli {
namespace {

namespace v1 = customerjourney::v1;
namespace cj = customer_journey;

cj::Level LevelOf(v1::ValidationLevel level) {
  if (level == v1::VALIDATION_LEVEL_VALID) return cj::Level::kValid;
  return level == v1::VALIDATION_LEVEL_WARNING ? cj::Level::kWarning : cj::Level::kError;
}

cj::Context ContextOf(const v1::CustomerJourney& journey) {
  if (journey.status_code() != v1::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE) return {};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {.going_live_at = Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(now).count()}};
}

std::string Paragraph(const cj::Fault& fault) {
  std::string text = std::string(cj::NameOf(fault.level)) + " " + Printable(fault.code);
  if (!fault.activity_id.empty()) text += " at activity " + Printable(fault.activity_id);
  for (bool first = true; const std::string& argument : fault.arguments) {
    text += std::exchange(first, false) ? ": " : ", ";
    text += argument.empty() ? "\"\"" : Printable(argument);
  }
  text += '\n';
  // The service may have rules that this program does not know yet.
  if (const cj::RuleText* rule = cj::FindRule(fault.code)) text += "  " + std::string(rule->meaning) + '\n';
  return text;
}

}  // namespace

Outcome<CheckedJourney> CheckByService(const Connection& connection, const v1::CustomerJourney& journey) {
  const auto stub = v1::CustomerJourneyService::NewStub(Connect(connection.address));
  const v1::ValidateRequest request = ValidateRequestOf(journey);
  v1::ValidateResponse response;
  const auto done =
      Call(connection, [&](grpc::ClientContext* context) { return stub->Validate(context, request, &response); });
  if (!done) return std::unexpected(done.error());
  CheckedJourney checked{.result = {}, .text = response.validation_result()};
  for (const v1::ActivityValidationResult& entry : response.activity_validation_results()) {
    checked.result.faults.push_back({entry.fault(),
                                     entry.activity_id(),
                                     LevelOf(entry.result()),
                                     {entry.error_message_arguments().begin(), entry.error_message_arguments().end()}});
  }
  return checked;
}

CheckedJourney CheckHere(const v1::CustomerJourney& journey) {
  CheckedJourney checked{.result = cj::Validate(journey, ContextOf(journey)), .text = {}};
  checked.text = cj::ToDataverseJson(checked.result);
  return checked;
}

std::string FaultText(const cj::ValidationResult& result) {
  std::string text;
  int errors = 0;
  int warnings = 0;
  for (const cj::Fault& fault : result.faults) {
    text += Paragraph(fault);
    errors += fault.level == cj::Level::kError ? 1 : 0;
    warnings += fault.level == cj::Level::kWarning ? 1 : 0;
  }
  const auto count = [](int number, const char* what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
  };
  return text + count(errors, "error") + ", " + count(warnings, "warning") +
         (result.passed() ? ": may go live" : ": cannot go live");
}

}  // namespace journeyfeed::cli
