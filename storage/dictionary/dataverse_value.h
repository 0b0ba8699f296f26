// Single values of the JSON of Dataverse's Web API. Internal to dataverse_json.
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "storage/dictionary/dictionary.h"
#include "storage/failure.h"

namespace journeyfeed::dictionary {

// Why a value was refused.
struct Problem {
  ErrorReason reason;
  std::string description;
};

// Where a lookup points.
struct Reference {
  const entity::v1::LookupTarget* target;
  Uuid id;
};

// The value of a column out of its JSON; monostate for null. The kind is checked, and that a number fits the kind.
std::expected<Value, Problem> ReadDataverseValue(const Column& column, const nlohmann::json& json);

// Out of "/systemusers(<id>)", also with an address before it. Nothing when the text has another form or names a table
// that the lookup cannot point to.
std::optional<Reference> ParseReference(const Column& column, std::string_view text);

std::string LowerCase(std::string_view text);

}  // namespace journeyfeed::dictionary
