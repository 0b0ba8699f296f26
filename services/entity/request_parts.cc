#include "services/entity/request_parts.h"

#include <charconv>
#include <chrono>
#include <cstring>
#include <limits>
#include <type_traits>

#include "storage/dictionary/validate.h"

namespace journeyfeed::entity_service {
namespace {

namespace pb = entity::v1;

// The inside of an ETag, weak or strong; the text itself when it is none.
std::string_view InsideOfTag(std::string_view text) {
  std::string_view tag = text;
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  const bool quoted = tag.size() > 2 && tag.starts_with('"') && tag.ends_with('"');
  return quoted ? tag.substr(1, tag.size() - 2) : text;
}

// A version in plain or ETag form.
std::optional<std::int64_t> ParseVersion(std::string_view text) {
  text = InsideOfTag(text);
  std::int64_t version = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), version);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || version < 0) return std::nullopt;
  return version;
}

constexpr std::int64_t kNoVersion = std::numeric_limits<std::int64_t>::min();

void AppendNumber(std::int64_t number, std::string& text) { text.append(std::to_string(number)).append(";"); }

void AppendText(std::string_view value, std::string& text) {
  AppendNumber(static_cast<std::int64_t>(value.size()), text);
  text.append(value);
}

void AppendValue(const Value& value, std::string& text) {
  AppendNumber(static_cast<std::int64_t>(value.index()), text);
  std::visit(
      [&text](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string>) {
          AppendText(held, text);
        } else if constexpr (std::is_same_v<Held, Uuid>) {
          text += held.ToString();
        } else if constexpr (std::is_same_v<Held, Timestamp>) {
          AppendNumber(held.micros, text);
        } else if constexpr (!std::is_same_v<Held, std::monostate>) {
          AppendNumber(held, text);
        }
      },
      value);
}

}  // namespace

void Refuse(std::string_view path, std::string description, Violations& violations, ErrorReason reason) {
  violations.push_back({std::string(path), std::move(description), reason});
}

RecordKey ReadReference(const dictionary::Entity& entity, const pb::EntityReference& reference, bool given,
                        std::string_view path, Violations& violations) {
  RecordKey key;
  if (!given) {
    Refuse(path, "the reference of a record is required", violations, pb::ERROR_REASON_REQUIRED_FIELD_MISSING);
    return key;
  }
  const std::string base(path);
  if (reference.id().empty()) {
    Refuse(base + ".id", "the id of a record is required", violations, pb::ERROR_REASON_REQUIRED_FIELD_MISSING);
  } else if (const auto id = Uuid::Parse(reference.id())) {
    key.id = *id;
  } else {
    Refuse(base + ".id", "not a UUID", violations);
  }
  if (!reference.has_partition_id()) return key;
  if (!entity.elastic) {
    Refuse(base + ".partition_id", "this entity has no partitions", violations);
    return key;
  }
  CheckPartition(reference.partition_id(), base + ".partition_id", violations);
  if (reference.partition_id() != key.id.ToString()) key.partition_id = reference.partition_id();
  return key;
}

std::optional<std::int64_t> ReadIfMatch(std::string_view text, std::string_view path, Violations& violations) {
  if (text.empty()) return std::nullopt;
  if (text == "*") return kAnyVersion;
  const auto version = ParseVersion(text);
  if (!version) Refuse(path, "expected *, a version number, \"number\", or W/\"number\"", violations);
  return version;
}

bool ReadIfNoneMatch(std::string_view text, std::string_view path, Violations& violations) {
  if (!text.empty() && text != "*") Refuse(path, "expected *", violations);
  return text == "*";
}

std::optional<Uuid> ReadRequestId(std::string_view text, Violations& violations) {
  if (text.empty()) return std::nullopt;
  const auto id = Uuid::Parse(text);
  if (!id) Refuse("request_id", "not a UUID", violations);
  return id;
}

Result<std::optional<CommitPoint>> ReadReadYourWritesToken(const feed::TokenCodec& tokens,
                                                           const dictionary::Entity& entity, const std::string& token) {
  if (token.empty()) return std::nullopt;
  auto point = tokens.DecodeReadYourWrites(entity, token);
  if (!point) return std::unexpected(point.error());
  return *point;
}

void CheckPartition(std::string_view partition_id, std::string_view path, Violations& violations) {
  if (auto violation = dictionary::PartitionIdViolation(partition_id, path))
    violations.push_back(*std::move(violation));
}

std::unique_ptr<google::protobuf::Message> ParseRecord(const dictionary::Entity& entity, const std::string& bytes) {
  auto record = entity.NewRecord();
  if (!record->ParseFromString(bytes)) return nullptr;
  return record;
}

std::unique_ptr<google::protobuf::Message> ParseRecord(const dictionary::Entity& entity,
                                                       const google::protobuf::RepeatedPtrField<std::string>& parts) {
  if (parts.size() == 1) return ParseRecord(entity, parts[0]);
  std::string bytes;
  for (const std::string& part : parts) bytes += part;
  return ParseRecord(entity, bytes);
}

Timestamp Now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

void Fill(WriteRow& row, const dictionary::WritePlan& plan) {
  row.key = plan.key;
  if (!plan.has_id) row.key.id = Uuid::MakeV7();
  row.values = plan.values;
  row.set = plan.set;
  row.creatable = plan.missing_for_create == 0;
}

void Fingerprint::Add(const WriteRow& row, bool has_id) {
  AppendNumber(row.message, text_);
  text_ += has_id ? row.key.id.ToString() : "-";
  AppendText(row.key.partition_id.value_or(""), text_);
  AppendNumber(row.if_match ? *row.if_match : kNoVersion, text_);
  AppendNumber(row.if_none_match ? 1 : 0, text_);
  AppendNumber(static_cast<std::int64_t>(row.set), text_);
  for (const auto& value : row.values) AppendValue(value, text_);
  text_ += '\n';
}

void Fingerprint::AddRefused() { text_ += "refused\n"; }

std::int64_t Fingerprint::Value() const {
  const Uuid digest = Uuid::FromName(text_);
  std::int64_t fingerprint = 0;
  std::memcpy(&fingerprint, digest.bytes.data(), sizeof fingerprint);
  return fingerprint;
}

std::optional<Failure> Collect(std::optional<Failure> failure, Violations violations) {
  if (failure && failure->violations.empty()) return failure;
  if (failure) violations.insert(violations.begin(), failure->violations.begin(), failure->violations.end());
  if (violations.empty()) return std::nullopt;
  return InvalidFields(std::move(violations));
}

}  // namespace journeyfeed::entity_service
