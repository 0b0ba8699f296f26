// Definitions of the greatest length that cost as much as possible. None of them passes.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace journeyfeed::customer_journey::testing {

inline std::vector<std::pair<std::string, std::string>> HostileDefinitions() {
  constexpr std::size_t kSize = 1'048'576;
  const auto repeated = [](const std::string& before, const std::string& unit, const std::string& after) {
    std::string text = before;
    text.reserve(kSize);
    while (text.size() + unit.size() + after.size() <= kSize) text += unit;
    return text + after;
  };
  // Activities with a number ("#"), as many as fit.
  const auto activities = [](const std::string& unit) {
    std::string text = "[";
    for (int i = 0;; ++i) {
      std::string next = unit;
      for (std::size_t at; (at = next.find('#')) != std::string::npos;) next.replace(at, 1, std::to_string(i));
      for (std::size_t at; (at = next.find('@')) != std::string::npos;) next.replace(at, 1, std::to_string(i + 1));
      if (text.size() + next.size() + 3 > kSize) break;
      text += (i == 0 ? "" : ",") + next;
    }
    return text + "]";
  };
  const std::string prefix(400, 'p');
  std::vector<std::pair<std::string, std::string>> all = {
      {"arrays in arrays", std::string(kSize / 2, '[') + std::string(kSize / 2, ']')},
      {"arrays without an end", std::string(kSize, '[')},
      {"objects in objects", repeated("[{\"x\":", "{\"x\":", "1")},
      {"one key many times", repeated("[{\"ActivityId\":\"a\"", ",\"ActivityId\":\"a\"", "}]")},
      {"many keys", repeated("[{\"a\":1", ",\"Propertiesx\":1", "}]")},
      {"one long number", "[" + std::string(kSize - 2, '9') + "]"},
      {"one long fraction", "[0." + std::string(kSize - 4, '1') + "]"},
      {"numbers beyond all range", repeated("[1", ",1e308", ",1e999]")},
      {"small entries", repeated("[1", ",1", "]")},
      {"empty activities", repeated("[{}", ",{}", "]")},
      {"empty items", repeated("[{\"Properties\":{\"Items\":[{}", ",{}", "]}}]")},
      {"empty conditions", repeated("[{\"Properties\":{\"Items\":[{\"ConditionExpressions\":[{}", ",{}", "]}]}}]")},
      {"escapes", repeated("[\"", "\\u0000", "\"]")},
      {"a bad escape at the end", repeated("[\"", "\\n", "\\x\"]")},
      {"half a surrogate", repeated("[\"", "\\ud83d\\ude00", "\\ud83d\"]")},
      {"one long id", repeated("[{\"ActivityId\":\"", "x", "\"}]")},
      {"one long cycle", activities("{\"ActivityId\":\"#\",\"ParentActivityId\":\"@\"}")},
      {"one id for all",
       activities("{\"ActivityId\":\"a\",\"ParentActivityId\":\"a\",\"ActivityTypeId\":\"Trigger\"}")},
      {"long ids that are nearly the same",
       activities("{\"ActivityId\":\"" + prefix + "#\",\"ParentActivityId\":\"" + prefix + "@\"}")},
      {"one number for all items",
       repeated("[{\"ActivityId\":\"" + prefix + "\",\"Properties\":{\"Items\":[{\"ActivityItemId\":1}",
                ",{\"ActivityItemId\":1}", "]}}]")},
      {"control characters in faults", activities("{\"ActivityId\":\"\\u0001\\u0001\\u0001\\u0001\\u0001\\u0001#\"}")},
      {"branches of a parent with a long type",
       "[{\"ActivityId\":\"p\",\"ActivityTypeId\":\"" + std::string(kSize / 2, 't') + "\"}" +
           repeated("", ",{\"ParentActivityId\":\"p\",\"ActivityTypeId\":\"SplitterBranch\"}", "]")
               .substr(0, kSize / 4)},
  };
  all.back().second.resize(all.back().second.rfind(",{"));
  all.back().second += "]";
  return all;
}

}  // namespace journeyfeed::customer_journey::testing
