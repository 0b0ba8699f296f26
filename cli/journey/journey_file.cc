#include "cli/journey/journey_file.h"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cli/input/file_io.h"
#include "storage/dictionary/dataverse_json.h"
#include "storage/dictionary/json_members.h"

namespace journeyfeed::cli {
namespace {

namespace v1 = customerjourney::v1;
namespace proto = google::protobuf;

constexpr std::size_t kLongestFile = std::size_t{32} << 20;
constexpr std::string_view kPrefix = "field_value_";

Outcome<std::string> ReadText(const std::string& file, int standard_input) {
  std::string text;
  if (file == "-") {
    if (const int error = ReadAll(standard_input, kLongestFile, text))
      return std::unexpected(FileFailure("cannot read the standard input", error));
    return text;
  }
  const FileDescriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  int error = opened.get() < 0 ? errno : 0;
  if (error == 0) error = ReadAll(opened.get(), kLongestFile, text);
  if (error != 0) return std::unexpected(FileFailure("cannot read " + file, error));
  return text;
}

bool IsActionBody(const nlohmann::json& object) {
  return std::ranges::any_of(object.items(), [](const auto& entry) { return entry.key().starts_with("FieldValue"); });
}

// The first key that occurs twice; the parsers would take its last value.
std::optional<std::string> RepeatedKey(const std::string& text) {
  const auto object = dictionary::ReadJsonMembers(text);
  if (!object.members) return std::nullopt;
  std::set<std::string_view> keys;
  for (const auto& [key, value] : *object.members) {
    if (!keys.insert(key).second) return key;
  }
  return std::nullopt;
}

Outcome<v1::CustomerJourney> FromActionBody(const std::string& text, const nlohmann::json& object) {
  if (const auto repeated = RepeatedKey(text)) {
    return std::unexpected(UsageFailure("the body of CustomerJourneyValidate has " + *repeated + " twice"));
  }
  // The parser's own messages quote values, so the refused fields are searched one by one.
  v1::ValidateRequest request;
  if (proto::util::JsonStringToMessage(text, &request).ok()) return JourneyOf(request);
  std::string fields;
  for (const auto& entry : object.items()) {
    const nlohmann::json alone = {{entry.key(), entry.value()}};
    v1::ValidateRequest ignored;
    if (!proto::util::JsonStringToMessage(alone.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                                          &ignored)
             .ok())
      fields += (fields.empty() ? " " : ", ") + entry.key();
  }
  return std::unexpected(
      UsageFailure("the body of CustomerJourneyValidate has fields that are unknown or have a wrong value:" +
                   (fields.empty() ? " (not found)" : fields)));
}

// The field that corresponds to one of the other message; null if there is none.
const proto::FieldDescriptor* ColumnOf(const proto::FieldDescriptor& parameter) {
  std::string name = parameter.name().substr(kPrefix.size());
  if (name == "customer_journey_id") name = "id";
  return v1::CustomerJourney::descriptor()->FindFieldByName(name);
}

void Copy(const proto::Message& from, const proto::FieldDescriptor& source, proto::Message& to,
          const proto::FieldDescriptor& target) {
  const proto::Reflection& in = *from.GetReflection();
  const proto::Reflection& out = *to.GetReflection();
  if (!in.HasField(from, &source)) return;
  switch (source.cpp_type()) {
    case proto::FieldDescriptor::CPPTYPE_STRING:
      return out.SetString(&to, &target, in.GetString(from, &source));
    case proto::FieldDescriptor::CPPTYPE_ENUM:
      return out.SetEnumValue(&to, &target, in.GetEnumValue(from, &source));
    case proto::FieldDescriptor::CPPTYPE_INT32:
      return out.SetInt32(&to, &target, in.GetInt32(from, &source));
    case proto::FieldDescriptor::CPPTYPE_BOOL:
      return out.SetBool(&to, &target, in.GetBool(from, &source));
    default:
      out.MutableMessage(&to, &target)->CopyFrom(in.GetMessage(from, &source));
  }
}

}  // namespace

v1::ValidateRequest ValidateRequestOf(const v1::CustomerJourney& journey) {
  v1::ValidateRequest request;
  const auto& parameters = *v1::ValidateRequest::descriptor();
  for (int i = 0; i < parameters.field_count(); ++i)
    Copy(journey, *ColumnOf(*parameters.field(i)), request, *parameters.field(i));
  return request;
}

v1::CustomerJourney JourneyOf(const v1::ValidateRequest& request) {
  v1::CustomerJourney journey;
  const auto& parameters = *v1::ValidateRequest::descriptor();
  for (int i = 0; i < parameters.field_count(); ++i)
    Copy(request, *parameters.field(i), journey, *ColumnOf(*parameters.field(i)));
  return journey;
}

Outcome<v1::CustomerJourney> ReadJourneyFile(const std::string& file, int standard_input) {
  auto text = ReadText(file, standard_input);
  if (!text) return std::unexpected(text.error());
  const nlohmann::json parsed = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  v1::CustomerJourney journey;
  if (parsed.is_object() && IsActionBody(parsed)) return FromActionBody(*text, parsed);
  if (parsed.is_array()) {
    journey.set_workflow_definition(*std::move(text));
    return journey;
  }
  const auto& entity = dictionary::Describe(v1::CustomerJourney::descriptor());
  if (const auto read = dictionary::FromDataverseJson(entity, *text, &journey, nullptr); !read)
    return std::unexpected(FromBody(read.error()));
  return journey;
}

}  // namespace journeyfeed::cli
