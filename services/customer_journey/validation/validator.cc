#include "services/customer_journey/validation/validator.h"

#include <algorithm>
#include <utility>

#include "services/customer_journey/validation/definition.h"
#include "services/customer_journey/validation/fault_list.h"
#include "services/customer_journey/validation/journey_rules.h"
#include "services/customer_journey/validation/structure_rules.h"
#include "services/customer_journey/validation/tile_rules.h"
#include "services/customer_journey/validation/tree.h"
#include "storage/base/json_text.h"

namespace journeyfeed::customer_journey {
namespace {

using customerjourney::v1::CustomerJourney;

void AddProblems(Definition& definition, FaultList& faults) {
  for (Problem& problem : definition.problems) {
    const std::string_view id = problem.activity ? std::string_view(definition.activities[*problem.activity].id) : "";
    faults.Add(problem.rule, problem.position, id, std::move(problem.arguments));
  }
  faults.Miss(definition.problems_total - definition.problems.size());
}

void CheckDefinition(const CustomerJourney& journey, const Context& context, FaultList& faults) {
  if (journey.workflow_definition().empty())
    return faults.Add(Rule::kDefinitionInvalid, FaultList::kJourney, "", {"missing"});
  Definition definition = ReadDefinition(journey.workflow_definition());
  AddProblems(definition, faults);
  // Half a definition cannot be judged: what seems to be missing may be in the other half.
  if (!definition.complete) return;
  const Tree tree(definition);
  CheckStructure(definition, tree,
                 journey.entity_target() == customerjourney::v1::CUSTOMER_JOURNEY_ENTITY_TARGET_ACCOUNT, faults);
  CheckTiles(journey, definition, tree, faults);
  if (context.records) CheckRecords(journey, definition, tree, *context.records, faults);
}

void AppendFault(std::string& json, const Fault& fault) {
  json += "{\"ActivityId\":";
  AppendJsonString(fault.activity_id, json);
  json += ",\"Fault\":";
  AppendJsonString(fault.code, json);
  json += ",\"Result\":";
  AppendJsonString(NameOf(fault.level), json);
  json += ",\"ErrorMessageArguments\":[";
  for (bool first = true; const std::string& argument : fault.arguments) {
    if (!std::exchange(first, false)) json += ',';
    AppendJsonString(argument, json);
  }
  json += "]}";
}

}  // namespace

Level ValidationResult::level() const {
  Level worst = Level::kValid;
  for (const Fault& fault : faults) worst = std::max(worst, fault.level);
  return worst;
}

ValidationResult Validate(const CustomerJourney& journey, const Context& context) {
  FaultList faults;
  CheckColumns(journey, context, faults);
  CheckDefinition(journey, context, faults);
  return std::move(faults).TakeResult();
}

std::string ToDataverseJson(const ValidationResult& result) {
  std::string json = "{\"ActivityValidationResults\":[";
  for (bool first = true; const Fault& fault : result.faults) {
    if (!std::exchange(first, false)) json += ',';
    AppendFault(json, fault);
  }
  json += "],\"Result\":";
  AppendJsonString(NameOf(result.level()), json);
  return json += '}';
}

}  // namespace journeyfeed::customer_journey
