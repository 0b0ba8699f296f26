#include "services/metadata/service.h"

#include "journeyfeed/metadata/v1/metadata_service.pb.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::metadata_service {
namespace {

namespace v1 = journeyfeed::metadata::v1;
namespace pb = journeyfeed::entity::v1;

void Describe(const dictionary::Column& column, v1::AttributeMetadata& attribute) {
  attribute.set_name(column.name);
  attribute.set_number(column.number);
  *attribute.mutable_column() = column.field->options().GetExtension(pb::column);
  const google::protobuf::EnumDescriptor* values = column.field->enum_type();
  for (int i = 0; values != nullptr && i < values->value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor& value = *values->value(i);
    const pb::ValueOptions& options = value.options().GetExtension(pb::value);
    // A number without a label is not a value of the set (…_UNSPECIFIED).
    if (!options.has_option()) continue;
    v1::OptionMetadata& option = *attribute.add_options();
    option.set_value(value.number());
    option.set_name(value.name());
    *option.mutable_option() = options.option();
  }
}

v1::EntityMetadata Describe(const dictionary::Entity& entity) {
  v1::EntityMetadata metadata;
  metadata.set_message_type(entity.descriptor->full_name());
  *metadata.mutable_table() = entity.descriptor->options().GetExtension(pb::table);
  for (const dictionary::Column& column : entity.columns) Describe(column, *metadata.add_attributes());
  return metadata;
}

void RetrieveEntity(const call::Call<v1::RetrieveEntityRequest, v1::RetrieveEntityResponse>& call) {
  const std::string& name = call.request().logical_name();
  if (name.empty()) {
    return call.Finish(std::unexpected(InvalidFields(
        {{"logical_name", "the name of an entity is required", pb::ERROR_REASON_REQUIRED_FIELD_MISSING}})));
  }
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    if (entity->logical_name != name && entity->descriptor->full_name() != name) continue;
    v1::RetrieveEntityResponse response;
    *response.mutable_entity_metadata() = Describe(*entity);
    return call.Finish(std::move(response));
  }
  call.Finish(std::unexpected(
      Failure{.reason = pb::ERROR_REASON_OBJECT_DOES_NOT_EXIST, .message = "there is no entity of this name"}));
}

void RetrieveAllEntities(const call::Call<v1::RetrieveAllEntitiesRequest, v1::RetrieveAllEntitiesResponse>& call) {
  v1::RetrieveAllEntitiesResponse response;
  for (const dictionary::Entity* entity : dictionary::AllEntities())
    *response.add_entity_metadata() = Describe(*entity);
  call.Finish(std::move(response));
}

}  // namespace

std::shared_ptr<call::RawService> MakeService(Metrics& metrics, const call::Policy& policy) {
  auto service = std::make_shared<call::RawService>("journeyfeed.metadata.v1.MetadataService", metrics, policy);
  service->Unary<v1::RetrieveEntityRequest, v1::RetrieveEntityResponse>("RetrieveEntity", RetrieveEntity);
  service->Unary<v1::RetrieveAllEntitiesRequest, v1::RetrieveAllEntitiesResponse>("RetrieveAllEntities",
                                                                                  RetrieveAllEntities);
  return service;
}

}  // namespace journeyfeed::metadata_service
