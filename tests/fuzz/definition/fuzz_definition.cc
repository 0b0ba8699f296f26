// Any bytes as the definition of a journey: no crash, no hang, a bounded answer that is JSON, and agreement with a full
// parser about what is JSON.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "services/customer_journey/validation/definition.h"
#include "services/customer_journey/validation/record_uses.h"
#include "services/customer_journey/validation/validator.h"

namespace {

namespace cj = journeyfeed::customer_journey;
using nlohmann::json;

void Check(bool good) {
  if (!good) std::abort();
}

// No record is usable, so every rule about records applies.
class NothingIsLive final : public cj::RecordStates {
  std::vector<cj::RecordState> StatesOf(std::span<const cj::RecordUse> uses) const override {
    return std::vector(uses.size(), cj::RecordState::kNotLive);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const cj::Definition definition = cj::ReadDefinition(text);
  // A definition within the limits is read completely exactly if it is JSON.
  if (definition.complete) Check(json::accept(text));

  journeyfeed::customerjourney::v1::CustomerJourney journey;
  journey.set_workflow_definition(std::string(text));
  const NothingIsLive records;
  const cj::ValidationResult result = cj::Validate(journey, {.records = &records});
  Check(result.level() == cj::Level::kError);  // it has no name
  Check(result.faults.size() <= 1001);
  const std::string answer = cj::ToDataverseJson(result);
  Check(answer.size() < 1'000'000);
  if (json::accept(text)) {
    const json read = json::parse(answer);
    Check(read.at("ActivityValidationResults").size() == result.faults.size());
  }
  for (const cj::RecordUse& use : cj::RecordsUsed(journey, definition)) Check(use.activity_id.size() <= 100);
  return 0;
}
