// Condition trees as text, and the options of tests.
#pragma once

#include <string>
#include <string_view>

#include "services/query/options.h"
#include "storage/query.h"

namespace journeyfeed::query {

const dictionary::Entity& Sessions();
const dictionary::Entity& Journeys();

// "(status_code = 192350001 and not (name is null))"
std::string Describe(const Condition& condition);
std::string Describe(const Value& value);

// Now is Wednesday 2024-05-15T10:20:30.5Z.
Options OptionsFor(const dictionary::Entity& entity);

// The tree of a filter on journeys, or "REASON at character 8: …".
std::string Filter(std::string_view text);
std::string Filter(std::string_view text, const Options& options);

std::string DescribeProblem(std::string_view text, const Problem& problem);

}  // namespace journeyfeed::query
