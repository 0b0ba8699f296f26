// A short run of tests/fuzz/definition without a fuzzer: known texts, cut, joined and modified at random, always the
// same ones.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/validation/journeys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace journeyfeed::customer_journey::testing {
namespace {

TEST(FuzzDefinition, SurvivesBentTexts) {
  const json request = json::parse(ReadFile(JOURNEYFEED_SEEDS "/seed_validate.json"));
  const std::vector<std::string> seeds = {
      request["FieldValueWorkflowDefinition"],
      GoodDefinition().dump(),
      "[[[[{{{{",
      "[{\"ActivityId\":\"a\",\"ActivityId\":[{}],\"Properties\":{\"Items\":[{\"ItemId\":{}},[],1]}}]",
      "[1e999,-0,1.5,184467440737095516150,\"\\ud800\",\"\\u0000\"]",
      "\xEF\xBB\xBF[]",
      "null",
      std::string("[\"\0\"]", 5),
      "[{\"Properties\":{\"Items\":[{\"ConditionExpressions\":[{\"SourceActivityItemId\":1}]}]}}]",
  };
  std::mt19937 random(20242);
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  constexpr std::string_view kMarks = "[]{}\",:\\0-";
  for (int i = 0; i < 6'000; ++i) {
    std::string text = seeds[i < static_cast<int>(seeds.size()) ? static_cast<std::size_t>(i) : pick(seeds.size())];
    for (std::size_t changes = pick(5); changes > 0; --changes) {
      const std::string& other = seeds[pick(seeds.size())];
      const std::size_t at = pick(text.size() + 1);
      switch (pick(5)) {
        case 0:
          text.insert(at, other, pick(other.size()), pick(200));
          break;
        case 1:
          text.erase(at, pick(8));
          break;
        case 2:
          text.insert(at, 1, static_cast<char>(pick(256)));
          break;
        case 3:
          if (at < text.size()) text[at] = kMarks[pick(kMarks.size())];
          break;
        default:
          text.insert(at, std::string(pick(100), kMarks[pick(kMarks.size())]));
      }
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
}

}  // namespace
}  // namespace journeyfeed::customer_journey::testing
