#include "services/call/wire_form.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <functional>

#include "journeyfeed/customerjourney/v1/customer_journey_service.pb.h"
#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.pb.h"

namespace journeyfeed::call {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;
using google::protobuf::ServiceDescriptor;
using ::testing::HasSubstr;
namespace entities = entity::v1;

const ServiceDescriptor& CommonService() {
  return *entities::CreateRequest::descriptor()->file()->FindServiceByName("EntityService");
}

// The methods of a declared service that have a difference.
std::vector<std::string> Differences(const ServiceDescriptor& declared, entities::TableType table) {
  std::vector<std::string> differences;
  for (int i = 0; i < declared.method_count(); ++i) {
    const auto* common = CommonService().FindMethodByName(declared.method(i)->name());
    if (!common) continue;
    for (const auto& difference : {WireDifference(*declared.method(i)->input_type(), *common->input_type(), table),
                                   WireDifference(*declared.method(i)->output_type(), *common->output_type(), table)}) {
      if (!difference.empty()) differences.push_back(difference);
    }
  }
  return differences;
}

TEST(WireForm, BothEntitiesDeclareTheCommonMessages) {
  const auto& sessions = *journeyrunsession::v1::CreateRequest::descriptor()->file()->service(0);
  const auto& journeys = *customerjourney::v1::CreateRequest::descriptor()->file()->service(0);
  EXPECT_THAT(Differences(sessions, entities::TABLE_TYPE_ELASTIC), ::testing::IsEmpty());
  EXPECT_THAT(Differences(journeys, entities::TABLE_TYPE_STANDARD), ::testing::IsEmpty());
}

// A message of the session service after `change`, against the common message of the same name.
std::string AfterChange(const std::string& message,
                        const std::function<void(google::protobuf::DescriptorProto&)>& change) {
  FileDescriptorProto file;
  journeyrunsession::v1::CreateRequest::descriptor()->file()->CopyTo(&file);
  for (auto& type : *file.mutable_message_type()) {
    if (type.name() == message) change(type);
  }
  file.set_name("changed.proto");
  file.set_package("changed.v1");
  file.clear_service();
  // Types of this file that its fields name move along with it.
  for (auto& type : *file.mutable_message_type()) {
    for (auto& field : *type.mutable_field()) {
      const std::string package = ".journeyfeed.journeyrunsession.v1.";
      if (field.type_name().starts_with(package) && field.type_name() != package + "JourneyRunSession") {
        field.set_type_name(".changed.v1." + field.type_name().substr(package.size()));
      }
    }
  }
  DescriptorPool pool(DescriptorPool::generated_pool());
  const auto* built = pool.BuildFile(file);
  if (!built) return "the changed file is not valid";
  return WireDifference(*built->FindMessageTypeByName(message),
                        *entities::CreateRequest::descriptor()->file()->FindMessageTypeByName(message),
                        entities::TABLE_TYPE_ELASTIC);
}

TEST(WireForm, AnUnchangedMessageIsTheCommonOne) {
  EXPECT_EQ(AfterChange("CreateRequest", [](auto&) {}), "");
  EXPECT_EQ(AfterChange("UpdateMultipleRequest", [](auto&) {}), "");
}

TEST(WireForm, TheFirstDifferenceIsNamed) {
  EXPECT_THAT(AfterChange("CreateRequest", [](auto& type) { type.mutable_field(1)->set_name("request"); }),
              HasSubstr("CreateRequest.request: is to be named request_id"));
  EXPECT_THAT(AfterChange("CreateRequest", [](auto& type) { type.mutable_field(1)->set_number(9); }),
              HasSubstr("CreateRequest.request_id: no entity has such a field"));
  EXPECT_THAT(AfterChange("CreateRequest", [](auto& type) { type.mutable_field()->RemoveLast(); }),
              HasSubstr("CreateRequest: has no field return_representation = 3"));
  EXPECT_THAT(AfterChange("DeleteResponse",
                          [](auto& type) {
                            type.mutable_field(0)->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
                          }),
              HasSubstr("DeleteResponse.version_number: is to be of type int64"));
}

TEST(WireForm, ADifferenceInsideARowIsFound) {
  EXPECT_THAT(AfterChange("UpdateMultipleRequest",
                          [](auto& type) { type.mutable_nested_type(0)->mutable_field(2)->set_name("if_none_match"); }),
              HasSubstr("Target.if_none_match: is to be named if_match"));
}

TEST(WireForm, WhatOnlyTheOtherTableTypeHasIsRefused) {
  EXPECT_THAT(WireDifference(*journeyrunsession::v1::BulkDeleteRequest::descriptor(),
                             *entities::BulkDeleteRequest::descriptor(), entities::TABLE_TYPE_STANDARD),
              HasSubstr("BulkDeleteRequest.partition_id: only tables of the other type have this field"));
  EXPECT_THAT(WireDifference(*customerjourney::v1::BulkDeleteRequest::descriptor(),
                             *entities::BulkDeleteRequest::descriptor(), entities::TABLE_TYPE_ELASTIC),
              HasSubstr("has no field partition_id = 3"));
}

}  // namespace
}  // namespace journeyfeed::call
