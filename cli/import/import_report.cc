#include "cli/import/import_report.h"

#include <nlohmann/json.hpp>

#include "cli/output/display_text.h"
#include "cli/output/error_text.h"
#include "cli/output/number_text.h"

namespace journeyfeed::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string JsonLine(std::int64_t line, const CommandFailure& failure) {
  Json error = {{"code", failure.code}};
  if (!failure.reason.empty()) error["reason"] = failure.reason;
  error["message"] = failure.message;
  for (const Violation& violation : failure.violations) {
    Json entry = {{"field", violation.field}};
    if (!violation.reason.empty()) entry["reason"] = violation.reason;
    entry["description"] = violation.description;
    error["violations"].push_back(std::move(entry));
  }
  return Json{{"line", line}, {"error", std::move(error)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string TextLine(std::int64_t line, const CommandFailure& failure) {
  std::string text = "line " + std::to_string(line) + ": " + Escaped(ErrorSummary(failure));
  for (const Violation& violation : failure.violations) {
    text += "\n  " + Escaped(violation.field) + ": " + Escaped(violation.description);
  }
  return text;
}

}  // namespace

void ImportReport::Write(const std::string& line) {
  if (broken_) return;
  progress_.Erase();
  if (auto written = out_.Write(line); !written) broken_ = std::move(written.error());
}

void ImportReport::Read(double share) {
  const std::lock_guard lock(mutex_);
  ++totals_.lines;
  if (share >= 0) share_ = share;
}

void ImportReport::Imported(bool created) {
  const std::lock_guard lock(mutex_);
  ++totals_.imported;
  ++(created ? totals_.created : totals_.updated);
  progress_.Show(totals_.imported, share_, totals_.failed > 0 ? ", " + Grouped(totals_.failed) + " failed" : "");
}

void ImportReport::Failed(std::int64_t line, const CommandFailure& failure) {
  const std::lock_guard lock(mutex_);
  ++totals_.failed;
  if (!first_failed_ || line < first_failed_->first) first_failed_.emplace(line, failure.exit_code);
  Write(options_.format == Format::kTable ? TextLine(line, failure) : JsonLine(line, failure));
}

Outcome<void> ImportReport::Finish(const std::string& run_id) {
  const std::lock_guard lock(mutex_);
  if (options_.format == Format::kTable) {
    Write(Grouped(totals_.imported) + " of " + Grouped(totals_.lines) + " records imported, " +
          Grouped(totals_.created) + " new, " + Grouped(totals_.updated) + " changed; " + Grouped(totals_.failed) +
          " failed");
  } else {
    const Json json = {{"lines", totals_.lines},     {"imported", totals_.imported}, {"created", totals_.created},
                       {"updated", totals_.updated}, {"failed", totals_.failed},     {"run_id", run_id}};
    Write(json.dump());
  }
  if (broken_) return std::unexpected(*broken_);
  return {};
}

ImportTotals ImportReport::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

std::optional<int> ImportReport::exit_code() const {
  const std::lock_guard lock(mutex_);
  if (!first_failed_) return std::nullopt;
  return first_failed_->second;
}

std::optional<CommandFailure> ImportReport::broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

}  // namespace journeyfeed::cli
