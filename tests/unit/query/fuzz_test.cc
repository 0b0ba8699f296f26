// A short run of tests/fuzz/filter without a fuzzer: known texts, cut, joined and modified at random, always the same
// ones.
#include <gtest/gtest.h>

#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::string_view kSeeds[] = {
    "$filter=statuscode eq 192350001",
    "not (contains(name,'a%[b-c]_''') or startswith(description,'[^x]')) and scope in (1,2)",
    "Microsoft.Dynamics.CRM.In(PropertyName='statuscode',PropertyValues=[\"1\",\"2\"])",
    "Microsoft.Dynamics.CRM.LastXYears(PropertyName='createdon',PropertyValue=2147483647)",
    "Microsoft.Dynamics.CRM.NotOn(PropertyName='createdon',PropertyValue=9999-12-30T23:59:59.999999Z)",
    "_ownerid_value ne {6628bbf7-c52a-e911-a9b7-000d3a1e6adc} or start_date_time lt end_date_time",
    "createdon desc,name asc,ttl_in_seconds",
    "filter(recurrence_count gt -1)/groupby((statuscode),aggregate(recurrence_count with sum as s,$count as n))",
    "((((((((((",
    "))))",
    "''''''",
    "[[[[",
    "\xf0\x9f",
    "not not not ",
    std::string_view("\0\xff", 2),
};

void RunOnce(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

TEST(FuzzFilterTest, SurvivesBentTexts) {
  std::mt19937 random(20241);
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  for (int i = 0; i < 60'000; ++i) {
    std::string text(kSeeds[pick(std::size(kSeeds))]);
    for (std::size_t changes = pick(5); changes > 0; --changes) {
      const std::string_view other = kSeeds[pick(std::size(kSeeds))];
      const std::size_t at = pick(text.size() + 1);
      switch (pick(4)) {
        case 0:
          text.insert(at, other.substr(pick(other.size())));
          break;
        case 1:
          text.erase(at, pick(8));
          break;
        case 2:
          text.insert(at, 1, static_cast<char>(pick(256)));
          break;
        default:
          text += " and " + std::string(other);
      }
    }
    RunOnce(text);
  }
}

}  // namespace
