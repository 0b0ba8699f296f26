#include "storage/dictionary/entity_check.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>

#include <functional>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"
#include "storage/dictionary/dictionary.h"
#include "storage/dictionary/registration.h"

namespace journeyfeed::dictionary {
namespace {

namespace proto = google::protobuf;
namespace pb = entity::v1;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Journey = customerjourney::v1::CustomerJourney;
using Session = journeyrunsession::v1::JourneyRunSession;

// The problems of a record after its proto was changed.
std::vector<std::string> ProblemsAfter(const proto::Descriptor* record,
                                       const std::function<void(proto::DescriptorProto&)>& change) {
  proto::FileDescriptorProto file;
  record->file()->CopyTo(&file);
  file.set_name("changed.proto");
  file.set_package("changed");
  for (auto& type : *file.mutable_message_type()) {
    for (auto& field : *type.mutable_field()) {
      const std::string package = "." + record->file()->package() + ".";
      if (field.type_name().starts_with(package)) {
        field.set_type_name(".changed." + field.type_name().substr(package.size()));
      }
    }
    if (type.name() == record->name()) change(type);
  }
  proto::DescriptorPool pool(proto::DescriptorPool::generated_pool());
  const proto::FileDescriptor* built = pool.BuildFile(file);
  if (!built) return {"the changed file is not valid"};
  const bool session = record == Session::descriptor();
  return FindProblems({{built->FindMessageTypeByName(record->name()), OwnEntities()[session ? 0 : 1].service}});
}

proto::FieldDescriptorProto& Field(proto::DescriptorProto& type, const std::string& name) {
  for (auto& field : *type.mutable_field()) {
    if (field.name() == name) return field;
  }
  throw std::logic_error("no field " + name);
}

pb::ColumnOptions& Options(proto::DescriptorProto& type, const std::string& name) {
  return *Field(type, name).mutable_options()->MutableExtension(pb::column);
}

pb::TableOptions& Table(proto::DescriptorProto& type) { return *type.mutable_options()->MutableExtension(pb::table); }

TEST(EntityCheck, TheRegisteredEntitiesHaveNoProblems) {
  EXPECT_THAT(DictionaryProblems(), IsEmpty());
  EXPECT_THAT(ProblemsAfter(Journey::descriptor(), [](auto&) {}), IsEmpty());
  EXPECT_THAT(ProblemsAfter(Session::descriptor(), [](auto&) {}), IsEmpty());
}

TEST(EntityCheck, AMissingSystemColumnIsNamed) {
  EXPECT_THAT(ProblemsAfter(Journey::descriptor(), [](auto& type) { Options(type, "modified_by").clear_role(); }),
              ElementsAre("changed.CustomerJourney: has no column with the role COLUMN_ROLE_MODIFIED_BY"));
  EXPECT_THAT(ProblemsAfter(Session::descriptor(), [](auto& type) { Options(type, "ttl_in_seconds").clear_role(); }),
              ElementsAre("changed.JourneyRunSession: has no column with the role COLUMN_ROLE_TTL_IN_SECONDS"));
}

TEST(EntityCheck, ARoleOfAnotherTypeOrNameOrTwiceIsNamed) {
  EXPECT_THAT(ProblemsAfter(Journey::descriptor(),
                            [](auto& type) { Options(type, "created_on").set_role(pb::COLUMN_ROLE_MODIFIED_BY); }),
              Contains(HasSubstr("modified_by: has the role COLUMN_ROLE_MODIFIED_BY, as created_on has")));
  EXPECT_THAT(
      ProblemsAfter(Session::descriptor(), [](auto& type) { Field(type, "version_number").set_name("version"); }),
      ElementsAre(HasSubstr("version: has the role COLUMN_ROLE_VERSION_NUMBER and is to be named version_number")));
  EXPECT_THAT(ProblemsAfter(Session::descriptor(),
                            [](auto& type) { Options(type, "created_by").set_type(pb::COLUMN_TYPE_STRING); }),
              Contains(HasSubstr(
                  "created_by: has the role COLUMN_ROLE_CREATED_BY and is to be of the type COLUMN_TYPE_LOOKUP")));
}

TEST(EntityCheck, ARoleOfTheOtherTableTypeIsRefused) {
  EXPECT_THAT(
      ProblemsAfter(Session::descriptor(), [](auto& type) { Table(type).set_table_type(pb::TABLE_TYPE_STANDARD); }),
      Contains(HasSubstr("partition_id: only elastic tables have the role COLUMN_ROLE_PARTITION_ID")));
}

TEST(EntityCheck, AColumnWithoutWhatItNeedsIsNamed) {
  EXPECT_THAT(ProblemsAfter(Session::descriptor(), [](auto& type) { Field(type, "name").clear_options(); }),
              Contains("changed.JourneyRunSession.name: has no column option"));
  EXPECT_THAT(ProblemsAfter(Session::descriptor(), [](auto& type) { Options(type, "name").clear_type(); }),
              ElementsAre("changed.JourneyRunSession.name: has no type"));
  EXPECT_THAT(
      ProblemsAfter(Session::descriptor(), [](auto& type) { Options(type, "name").set_type(pb::COLUMN_TYPE_INTEGER); }),
      ElementsAre(HasSubstr("name: is of type string, and a COLUMN_TYPE_INTEGER is to be of type int32")));
  EXPECT_THAT(ProblemsAfter(Session::descriptor(), [](auto& type) { Field(type, "name").set_number(64); }),
              ElementsAre("changed.JourneyRunSession.name: has a number above 63"));
}

TEST(EntityCheck, ALookupWithoutWhatItLeadsToIsNamed) {
  EXPECT_THAT(
      ProblemsAfter(Session::descriptor(), [](auto& type) { Options(type, "created_by").clear_navigation_property(); }),
      ElementsAre("changed.JourneyRunSession.created_by: has no navigation_property"));
  EXPECT_THAT(ProblemsAfter(Session::descriptor(), [](auto& type) { Options(type, "created_by").clear_targets(); }),
              ElementsAre("changed.JourneyRunSession.created_by: has no targets"));
  EXPECT_THAT(ProblemsAfter(Session::descriptor(),
                            [](auto& type) { Options(type, "name").set_navigation_property("somewhere"); }),
              ElementsAre("changed.JourneyRunSession.name: has a navigation_property"));
}

TEST(EntityCheck, ADefaultThatIsNoValueOfTheColumnIsNamed) {
  EXPECT_THAT(ProblemsAfter(Journey::descriptor(), [](auto& type) { Options(type, "type").set_default_integer(7); }),
              ElementsAre(HasSubstr("type: default_integer is no value of the column")));
}

TEST(EntityCheck, TimesThatLockColumnsNeedATimeZone) {
  EXPECT_THAT(ProblemsAfter(Journey::descriptor(),
                            [](auto& type) { Options(type, "customer_journey_time_zone").clear_role(); }),
              Contains(HasSubstr("no column has the role COLUMN_ROLE_TIME_ZONE")));
}

TEST(EntityCheck, ATableWithoutNamesIsRefused) {
  EXPECT_THAT(ProblemsAfter(Journey::descriptor(),
                            [](auto& type) {
                              Table(type).clear_service();
                              Table(type).set_entity_id(0);
                              Table(type).set_primary_name_attribute("nothing");
                            }),
              ElementsAre("changed.CustomerJourney: entity_id is to be from 1 to 32767",
                          "changed.CustomerJourney: has no service",
                          "changed.CustomerJourney: primary_name_attribute is the logical name of no column"));
}

TEST(EntityCheck, AServiceThatIsNotDeclaredIsNamed) {
  EXPECT_THAT(FindProblems({{Session::descriptor(), Journey::descriptor()->file()}}),
              ElementsAre("journeyfeed.journeyrunsession.v1.JourneyRunSession: the service"
                          " journeyfeed.journeyrunsession.v1.JourneyRunSessionService is not declared in"
                          " journeyfeed/customerjourney/v1/customer_journey.proto"));
}

TEST(EntityCheck, TwoEntitiesShareNeitherNumberNorName) {
  const Registration sessions = OwnEntities()[0];
  EXPECT_THAT(FindProblems({sessions, sessions}),
              Contains("journeyfeed.journeyrunsession.v1.JourneyRunSession: another entity has the entity_id 1"));
}

}  // namespace
}  // namespace journeyfeed::dictionary
