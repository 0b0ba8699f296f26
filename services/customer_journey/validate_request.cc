#include "services/customer_journey/validate_request.h"

#include <string>
#include <string_view>
#include <utility>

#include "storage/dictionary/dictionary.h"
#include "storage/dictionary/validate.h"

namespace journeyfeed::customer_journey {
namespace {

namespace v1 = customerjourney::v1;
using google::protobuf::FieldDescriptor;

// A field of the request is "field_value_" and its column's name; only the id has a shorter name.
constexpr std::string_view kPrefix = "field_value_";
std::string ColumnOf(std::string_view field) {
  const std::string_view column = field.substr(kPrefix.size());
  return std::string(column == "customer_journey_id" ? "id" : column);
}
std::string FieldOf(std::string_view column) {
  return std::string(kPrefix) + std::string(column == "id" ? "customer_journey_id" : column);
}

// Precondition: both fields have the same type.
void Move(v1::ValidateRequest& from, const FieldDescriptor& source, v1::CustomerJourney& to,
          const FieldDescriptor& target) {
  const auto& in = *from.GetReflection();
  const auto& out = *to.GetReflection();
  switch (source.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return out.SetString(&to, &target, in.GetString(from, &source));
    case FieldDescriptor::CPPTYPE_ENUM:
      return out.SetEnumValue(&to, &target, in.GetEnumValue(from, &source));
    case FieldDescriptor::CPPTYPE_INT32:
      return out.SetInt32(&to, &target, in.GetInt32(from, &source));
    case FieldDescriptor::CPPTYPE_BOOL:
      return out.SetBool(&to, &target, in.GetBool(from, &source));
    default:
      out.MutableMessage(&to, &target)->CopyFrom(in.GetMessage(from, &source));
  }
}

v1::ValidationLevel LevelOf(Level level) {
  switch (level) {
    case Level::kValid:
      return v1::VALIDATION_LEVEL_VALID;
    case Level::kWarning:
      return v1::VALIDATION_LEVEL_WARNING;
    case Level::kError:
      break;
  }
  return v1::VALIDATION_LEVEL_ERROR;
}

}  // namespace

Result<v1::CustomerJourney> ReadValidateRequest(v1::ValidateRequest& request) {
  v1::CustomerJourney journey;
  // Moves the only text that may be large.
  if (request.has_field_value_workflow_definition()) {
    journey.set_workflow_definition(std::move(*request.mutable_field_value_workflow_definition()));
    request.clear_field_value_workflow_definition();
  }
  std::vector<const FieldDescriptor*> fields;
  request.GetReflection()->ListFields(request, &fields);
  for (const FieldDescriptor* field : fields)
    Move(request, *field, journey, *v1::CustomerJourney::descriptor()->FindFieldByName(ColumnOf(field->name())));

  std::vector<FieldViolation> violations;
  const auto& entity = dictionary::Describe(v1::CustomerJourney::descriptor());
  dictionary::ValidateColumns(entity, journey, ~std::uint64_t{0}, "", violations);
  if (violations.empty()) return journey;
  for (FieldViolation& violation : violations) violation.field = FieldOf(violation.field.substr(1));
  return std::unexpected(InvalidFields(std::move(violations)));
}

v1::ValidateResponse ToResponse(const ValidationResult& result) {
  v1::ValidateResponse response;
  response.set_validation_result(ToDataverseJson(result));
  response.set_result(LevelOf(result.level()));
  for (const Fault& fault : result.faults) {
    v1::ActivityValidationResult& entry = *response.add_activity_validation_results();
    entry.set_activity_id(fault.activity_id);
    entry.set_fault(fault.code);
    entry.set_result(LevelOf(fault.level));
    for (const std::string& argument : fault.arguments) entry.add_error_message_arguments(argument);
  }
  return response;
}

}  // namespace journeyfeed::customer_journey
