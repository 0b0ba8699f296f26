#include "cli/output/error_text.h"

#include <array>
#include <cstdio>

namespace journeyfeed::cli {
namespace {

std::string Line(std::string_view name, std::string_view value) {
  return "  " + Printable(name) + ": " + Printable(value) + "\n";
}

std::string Seconds(std::chrono::milliseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g s", static_cast<double>(time.count()) / 1000);
  return text.data();
}

std::string ViolationLines(const CommandFailure& failure) {
  std::string lines;
  for (const Violation& violation : failure.violations) lines += Line(violation.field, violation.description);
  if (failure.violations_total > failure.violations.size()) {
    lines += "  and " + std::to_string(failure.violations_total - failure.violations.size()) + " more\n";
  }
  return lines;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable(text);
  for (std::size_t i = 0; i < printable.size(); ++i) {
    const auto byte = static_cast<unsigned char>(printable[i]);
    // U+0080 to U+009F are control characters too: C2 80 to C2 9F in UTF-8.
    const bool high_control =
        byte == 0xC2 && i + 1 < printable.size() && static_cast<unsigned char>(printable[i + 1]) < 0xA0;
    if (high_control) printable.replace(i, 2, " ");
    if (byte < 0x20 || byte == 0x7F) printable[i] = ' ';
  }
  return printable;
}

std::string ErrorSummary(const CommandFailure& failure) {
  std::string summary = failure.code;
  if (!failure.reason.empty()) summary += " / " + Printable(failure.reason);
  if (!failure.hex.empty()) summary += " (" + Printable(failure.hex) + ")";
  if (!failure.message.empty()) summary += (summary.empty() ? "" : ": ") + Printable(failure.message);
  return summary;
}

std::string ErrorText(const CommandFailure& failure) {
  if (failure.silent) return {};
  std::string text = "journeyctl: " + ErrorSummary(failure) + "\n" + ViolationLines(failure);
  for (const auto& [name, value] : failure.details) text += Line(name, value);
  if (!failure.action.empty()) text += Line("do", failure.action);
  if (failure.retry_after) text += Line("retry", "after " + Seconds(*failure.retry_after));
  if (!failure.request_id.empty()) text += Line("request id", failure.request_id);
  if (!failure.correlation_id.empty()) text += Line("correlation id", failure.correlation_id);
  if (failure.exit_code == kUsageExit) text += "  see journeyctl --help and journeyctl COMMAND --help\n";
  return text;
}

}  // namespace journeyfeed::cli
