// Journeys to check: one without faults that has a tile of every type, and helpers for results.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "services/customer_journey/validation/validator.h"

namespace journeyfeed::customer_journey {

// For the messages of failed tests.
void PrintTo(const Fault& fault, std::ostream* out);

namespace testing {

using customerjourney::v1::CustomerJourney;
using nlohmann::json;

inline constexpr char kId[] = "15bd0ab8-c12a-e911-a9b6-000d3a1e6c14";

// An item. `record` null: none.
json Item(const std::string& type, int item_id, const json& record = nullptr);
// An activity with a header of its type.
json Tile(const std::string& id, const std::string& type, const std::string& parent, int branch, int item_id,
          const json& record = nullptr);

// The ids are the types in lower case. The second email is "email2", the branches of the splitter are "branch1" and
// "branch2". root > segment > email > trigger (about the email): yes > email2 > splitter > branch1 > scheduler >
// workflow > lead > activity > linkedin, branch2 > page > event > survey > form; no > empty.
json GoodDefinition();
// The activity with this id.
json& At(json& definition, const std::string& id);
// Its header.
json& HeaderAt(json& definition, const std::string& id);

// Without a definition.
CustomerJourney GoodColumns();
CustomerJourney JourneyOf(const json& definition);

Fault Error(Rule rule, std::string activity = "", std::vector<std::string> arguments = {});
std::vector<Fault> FaultsOf(const json& definition);

std::string ReadFile(const std::string& path);

}  // namespace testing
}  // namespace journeyfeed::customer_journey
