// The check of hostile definitions, compared with one plain parse of the same bytes (nlohmann::json, a whole tree).
// Medians of alternated rounds; exits with 1 if a check costs more than five parses.
//   build/bin/journeyfeed-validation-bench [rounds]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "services/customer_journey/validation/validator.h"
#include "tests/unit/validation/hostile.h"

namespace journeyfeed::customer_journey {
namespace {

double Milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double Median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

int RunBench(int rounds) {
  double worst = 0;
  std::printf("%-40s %10s %10s %8s\n", "definition", "parse ms", "check ms", "ratio");
  for (const auto& [name, text] : testing::HostileDefinitions()) {
    customerjourney::v1::CustomerJourney journey;
    journey.set_workflow_definition(text);
    std::vector<double> parses, checks;
    std::size_t found = 0;
    for (int i = 0; i < rounds; ++i) {
      parses.push_back(Milliseconds([&] { found += nlohmann::json::parse(text, nullptr, false).size(); }));
      checks.push_back(Milliseconds([&] { found += ToDataverseJson(Validate(journey, {})).size(); }));
    }
    const double ratio = Median(checks) / Median(parses);
    worst = std::max(worst, ratio);
    std::printf("%-40s %10.2f %10.2f %8.2f\n", name.c_str(), Median(parses), Median(checks), ratio);
  }
  std::printf("worst ratio %.2f\n", worst);
  return worst > 5 ? 1 : 0;
}

}  // namespace
}  // namespace journeyfeed::customer_journey

int main(int argc, char** argv) { return journeyfeed::customer_journey::RunBench(argc > 1 ? std::atoi(argv[1]) : 11); }
