#include "cli/output/number_text.h"

namespace journeyfeed::cli {

std::string Grouped(std::int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool group = i > 0 && (digits.size() - i) % 3 == 0 && text != "-";
    if (group) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace journeyfeed::cli
