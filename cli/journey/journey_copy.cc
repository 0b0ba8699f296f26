#include "cli/journey/journey_copy.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "storage/base/utf8.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {
namespace {

using customerjourney::v1::CustomerJourney;

const dictionary::Entity& Journey() { return dictionary::Describe(CustomerJourney::descriptor()); }

// Columns that Create accepts and a copy does not have.
constexpr std::array<std::string_view, 11> kOfTheOriginal = {"id",
                                                             "state_code",
                                                             "status_code",
                                                             "owner_id",
                                                             "owner_id_type",
                                                             "published_by",
                                                             "validation_results",
                                                             "lock_down_date_in_milliseconds",
                                                             "import_sequence_number",
                                                             "overridden_created_on",
                                                             "insights_placeholder"};

bool IsCopied(const dictionary::Column& column) {
  return column.valid_for_create && std::ranges::find(kOfTheOriginal, column.name) == kOfTheOriginal.end();
}

}  // namespace

CustomerJourney CopyOf(const CustomerJourney& original, const std::string& name) {
  CustomerJourney copy = original;
  for (const dictionary::Column& column : Journey().columns) {
    if (!IsCopied(column)) copy.GetReflection()->ClearField(&copy, column.field);
  }
  copy.set_name(name);
  copy.set_status_code(customerjourney::v1::CUSTOMER_JOURNEY_STATUS_CODE_DRAFT);
  return copy;
}

std::string CopyName(const std::string& name) {
  const auto most = static_cast<std::size_t>(Journey().primary_name().max_length.value_or(100));
  std::string text = "Copy of " + name;
  while (Utf16Length(text) > most) {
    text.resize(Utf8Prefix(text, text.size() - 1).size());
  }
  return text;
}

}  // namespace journeyfeed::cli
