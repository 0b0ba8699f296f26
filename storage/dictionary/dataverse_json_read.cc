#include <algorithm>
#include <nlohmann/json.hpp>

#include "storage/base/utf8.h"
#include "storage/dictionary/dataverse_json.h"
#include "storage/dictionary/dataverse_value.h"
#include "storage/dictionary/json_members.h"
#include "storage/dictionary/row.h"
#include "storage/dictionary/validate.h"

namespace journeyfeed::dictionary {
namespace {

using entity::v1::ERROR_REASON_INVALID_ARGUMENT;
using entity::v1::ERROR_REASON_QUERY_BUILDER_NO_ATTRIBUTE;

constexpr std::string_view kBind = "@odata.bind";
// Longer keys are no columns; they are cut before they are shown.
constexpr std::size_t kLongestShownKey = 100;

bool IsLookup(const Column& column) { return column.type == ColumnType::kLookup || column.type == ColumnType::kOwner; }

// The inside of "_x_value"; empty for other keys.
std::string_view LookupValueName(std::string_view key) {
  constexpr std::string_view kSuffix = "_value";
  if (!key.starts_with('_') || !key.ends_with(kSuffix) || key.size() <= 1 + kSuffix.size()) return {};
  return key.substr(1, key.size() - 1 - kSuffix.size());
}

// Of collections, too, which are no columns.
bool IsLink(std::string_view term) {
  constexpr std::string_view kLinks[] = {"odata.associationlink", "odata.count", "odata.navigationlink",
                                         "odata.nextlink"};
  return std::ranges::find(kLinks, term) != std::end(kLinks);
}

// The annotations of Dataverse and of OData, in lower case.
bool IsAnnotation(std::string_view term) {
  constexpr std::string_view kTerms[] = {"odata.context",       "odata.deltalink",    "odata.editlink",
                                         "odata.etag",          "odata.id",           "odata.mediaetag",
                                         "odata.mediaeditlink", "odata.metadataetag", "odata.mediareadlink",
                                         "odata.readlink",      "odata.type",         "odata.mediacontenttype"};
  return IsLink(term) || term.starts_with("odata.community.") || term.starts_with("microsoft.dynamics.crm.") ||
         std::ranges::find(kTerms, term) != std::end(kTerms);
}

// One record being read.
class RecordReader {
 public:
  RecordReader(const Entity& entity, google::protobuf::Message& out) : entity_(entity), out_(out) {}

  void Read(const std::string& key, const nlohmann::json& json) {
    const std::string name = LowerCase(key);
    if (name.ends_with(kBind)) {
      ReadBind(key, std::string_view(name).substr(0, name.size() - kBind.size()), json);
    } else if (const std::size_t at = name.find('@'); at != std::string::npos) {
      CheckAnnotation(key, std::string_view(name).substr(0, at), std::string_view(name).substr(at + 1));
    } else {
      ReadColumn(key, name, json);
    }
  }

  std::uint64_t present() const { return present_; }
  std::vector<FieldViolation>& violations() { return violations_; }

 private:
  void ReadColumn(const std::string& key, std::string_view name, const nlohmann::json& json) {
    const Column* column = ByLogicalName(name);
    if (column == nullptr) return RefuseUnknown(key);
    std::expected<Value, Problem> value = ReadDataverseValue(*column, json);
    if (!value) return Refuse(key, std::move(value.error()));
    Set(key, *column, *value);
  }

  void ReadBind(const std::string& key, std::string_view property, const nlohmann::json& json) {
    const Column* found = ByNavigationProperty(property);
    if (found == nullptr) return RefuseUnknown(key);
    if (json.is_null()) return Set(key, *found, Value());
    const auto reference = json.is_string() ? ParseReference(*found, json.get_ref<const std::string&>()) : std::nullopt;
    if (!reference) return RefuseReference(key, *found);
    Set(key, *found, reference->id);
    if (found->type == ColumnType::kOwner) SetOwnerType(key, reference->target->logical_name());
  }

  void SetOwnerType(const std::string& key, const std::string& type) {
    const auto column = std::ranges::find(entity_.columns, ColumnType::kEntityName, &Column::type);
    if (column != entity_.columns.end()) Set(key, *column, type);
  }

  // The same value under two keys is no contradiction: an owner's type follows from its reference too.
  void Set(const std::string& key, const Column& column, const Value& value) {
    if ((present_ & column.bit()) != 0) {
      if (GetColumn(out_, column) == value) return;
      return Refuse(key,
                    {ERROR_REASON_INVALID_ARGUMENT, column.logical_name + " is given twice with different values"});
    }
    present_ |= column.bit();
    SetColumn(out_, column, value);
    std::vector<FieldViolation> found;
    ValidateColumns(entity_, out_, column.bit(), "", found);
    for (FieldViolation& violation : found) Refuse(key, {violation.reason, std::move(violation.description)});
  }

  // A plain key, or "_x_value" of a lookup.
  const Column* ByLogicalName(std::string_view name) const {
    const std::string_view lookup = LookupValueName(name);
    for (const Column& column : entity_.columns) {
      if (column.logical_name == name || (IsLookup(column) && column.logical_name == lookup)) return &column;
    }
    return nullptr;
  }

  const Column* ByNavigationProperty(std::string_view name) const {
    const auto found = std::ranges::find_if(entity_.columns, [&](const Column& column) {
      return !column.navigation_property.empty() && LowerCase(column.navigation_property) == name;
    });
    return found == entity_.columns.end() ? nullptr : &*found;
  }

  // Annotations say nothing that is kept, but a bind that is misspelt looks like one.
  void CheckAnnotation(const std::string& key, std::string_view property, std::string_view term) {
    if (!IsAnnotation(term)) {
      return Refuse(key,
                    {ERROR_REASON_QUERY_BUILDER_NO_ATTRIBUTE, "is no annotation of Dataverse, and no @odata.bind"});
    }
    const bool about_known = property.empty() || ByLogicalName(property) || ByNavigationProperty(property);
    if (!about_known && !IsLink(term)) RefuseUnknown(key);
  }

  void RefuseUnknown(const std::string& key) {
    Refuse(key, {ERROR_REASON_QUERY_BUILDER_NO_ATTRIBUTE, "is not a column of " + entity_.logical_name});
  }

  void RefuseReference(const std::string& key, const Column& column) {
    std::string sets;
    for (const std::string& set : column.target_entity_sets) sets += (sets.empty() ? "/" : " or /") + set + "(<id>)";
    const bool owner = column.type == ColumnType::kOwner;
    Refuse(key, {owner ? entity::v1::ERROR_REASON_INVALID_OWNER_ID : ERROR_REASON_INVALID_ARGUMENT,
                 "must be " + sets + ", or null"});
  }

  void Refuse(const std::string& key, Problem problem) {
    std::string shown(Utf8Prefix(key, kLongestShownKey));
    if (shown.size() < key.size()) shown += "…";
    violations_.push_back({std::move(shown), std::move(problem.description), problem.reason});
  }

  const Entity& entity_;
  google::protobuf::Message& out_;
  std::uint64_t present_ = 0;
  std::vector<FieldViolation> violations_;
};

}  // namespace

Result<void> FromDataverseJson(const Entity& entity, std::string_view json, google::protobuf::Message* out,
                               std::uint64_t* present) {
  out->Clear();
  const ReadJsonObject record = ReadJsonMembers(json);
  if (!record.members) {
    return std::unexpected(
        Failure{.reason = ERROR_REASON_INVALID_ARGUMENT,
                .message = record.is_json ? "the body is not a JSON object" : "the body is not JSON"});
  }
  RecordReader reader(entity, *out);
  for (const auto& [key, value] : *record.members) reader.Read(key, value);
  if (!reader.violations().empty()) return std::unexpected(InvalidFields(std::move(reader.violations())));
  if (present != nullptr) *present = reader.present();
  return {};
}

}  // namespace journeyfeed::dictionary
