#include "services/call/context.h"

#include <algorithm>
#include <optional>

#include "storage/base/hex.h"

namespace journeyfeed::call {
namespace {

constexpr std::size_t kMaxCorrelationLength = 128;

std::optional<std::string_view> FirstValue(const RequestMetadata& metadata, const char* header) {
  const auto found = metadata.find(header);
  if (found == metadata.end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

// The UUID in a header; nil if the header is absent.
Uuid ReadUuid(const RequestMetadata& metadata, const char* header, std::vector<FieldViolation>& violations) {
  const auto value = FirstValue(metadata, header);
  if (!value) return {};
  if (metadata.count(header) > 1) {
    violations.push_back({header, "given more than once", entity::v1::ERROR_REASON_INVALID_ARGUMENT});
    return {};
  }
  const auto uuid = Uuid::Parse(*value);
  if (!uuid) violations.push_back({header, "not a UUID", entity::v1::ERROR_REASON_INVALID_ARGUMENT});
  return uuid.value_or(Uuid{});
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

std::optional<Uuid> ParseHexDigits(std::string_view text) {
  Uuid uuid;
  if (text.size() != 2 * uuid.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    uuid.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return uuid;
}

// W3C Trace Context: "version-traceid-parentid-flags"; a trace id of zeros is invalid.
std::optional<std::string_view> TraceId(std::string_view traceparent) {
  constexpr std::size_t kStart = 3, kLength = 32;
  if (traceparent.size() < kStart + kLength + 1) return std::nullopt;
  if (traceparent[2] != '-' || traceparent[kStart + kLength] != '-') return std::nullopt;
  const std::string_view id = traceparent.substr(kStart, kLength);
  const auto uuid = ParseHexDigits(id);
  return uuid && !uuid->IsNil() ? std::optional(id) : std::nullopt;
}

void ReadCorrelation(const RequestMetadata& metadata, CallContext& context) {
  const auto given = FirstValue(metadata, kCorrelationHeader);
  if (given && !given->empty() && given->size() <= kMaxCorrelationLength && IsPrintable(*given)) {
    context.correlation_text = *given;
    auto uuid = Uuid::Parse(*given);
    if (!uuid) uuid = ParseHexDigits(*given);
    context.correlation_id = uuid ? *uuid : Uuid::FromName(*given);
    return;
  }
  const auto traceparent = FirstValue(metadata, kTraceHeader);
  const auto trace = traceparent ? TraceId(*traceparent) : std::nullopt;
  if (trace) {
    context.correlation_text = *trace;
    context.correlation_id = *ParseHexDigits(*trace);
    return;
  }
  context.correlation_id = Uuid::MakeV7();
  context.correlation_text = context.correlation_id.ToString();
}

}  // namespace

std::vector<FieldViolation> ReadMetadata(const RequestMetadata& metadata, CallContext& context) {
  std::vector<FieldViolation> violations;
  ReadCorrelation(metadata, context);
  context.initiating_user = ReadUuid(metadata, kUserHeader, violations);
  context.on_behalf = metadata.contains(kOnBehalfHeader);
  context.user = context.on_behalf ? ReadUuid(metadata, kOnBehalfHeader, violations) : context.initiating_user;
  return violations;
}

}  // namespace journeyfeed::call
