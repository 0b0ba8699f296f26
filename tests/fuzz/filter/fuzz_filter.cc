// Any bytes as filter, order and aggregation, on both entities: no crash, no hang, and every error has a position
// within the text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/query/aggregation.h"
#include "services/query/filter.h"
#include "services/query/order.h"
#include "storage/dictionary/dictionary.h"

namespace {

using journeyfeed::query::Options;

template <typename T>
void Check(const journeyfeed::query::Parsed<T>& parsed, std::string_view text) {
  if (!parsed && (parsed.error().offset > text.size() || parsed.error().description.empty())) std::abort();
  if (!parsed) journeyfeed::query::ToViolation("filter", text, parsed.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto* entity : journeyfeed::dictionary::AllEntities()) {
    const Options options{.entity = *entity, .now = {1'700'000'000'000'000}};
    Check(journeyfeed::query::ParseFilter(text, options), text);
    Check(journeyfeed::query::ParseOrder(text, options), text);
    Check(journeyfeed::query::ParseApply(text, options), text);
  }
  return 0;
}
