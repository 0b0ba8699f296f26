#include <gtest/gtest.h>

#include <set>

#include "tests/integration/calls.h"

namespace journeyfeed::testing {
namespace {

std::set<std::string> Present(const google::protobuf::Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::set<std::string> names;
  for (const auto* field : fields) names.insert(field->name());
  return names;
}

TEST(Retrieve, AnswersOnlyTheColumnsAskedForWithIdAndVersion) {
  const std::string session = Target(MakeSession("ttl_in_seconds: 1000"));
  using Names = std::set<std::string>;
  const auto columns = [&](const std::string& mask) {
    return Present(Sessions().Retrieve(session + "columns { " + mask + " }")->entity());
  };
  EXPECT_EQ(columns("paths: 'name'"), (Names{"id", "partition_id", "name", "version_number"}));
  EXPECT_EQ(columns("paths: 'msdynmkt_session' paths: 'ttlinseconds'"),
            (Names{"id", "partition_id", "session", "ttl_in_seconds", "version_number"}));
  EXPECT_EQ(columns("paths: 'import_sequence_number'"), (Names{"id", "partition_id", "version_number"})) << "null";
  EXPECT_EQ(columns("paths: '*'"), columns(""));
  const auto journey =
      Journeys().Retrieve(Target(MakeJourney()) + "columns { paths: 'statuscode' paths: 'owner_id_name' }");
  EXPECT_EQ(Present(journey->entity()), (Names{"id", "status_code", "version_number"}));
}

TEST(Retrieve, SaysNotModified) {
  const std::string id = MakeJourney();
  const std::string version = std::to_string(Journeys().Get(id).version_number());
  for (const std::string& tag : {version, "\"" + version + "\"", "W/\"" + version + "\""}) {
    const auto same = Journeys().Retrieve(Target(id) + "if_none_match: " + Quote(tag));
    EXPECT_TRUE(same->not_modified()) << tag << same.ending;
    EXPECT_FALSE(same->has_entity());
  }
  ASSERT_TRUE(Journeys().Update(Target(id, "name: 'x'")).ok());
  const auto changed = Journeys().Retrieve(Target(id) + "if_none_match: " + Quote(version));
  EXPECT_FALSE(changed->not_modified());
  EXPECT_EQ(changed->entity().name(), "x");
  EXPECT_EQ(Sessions().Retrieve(Target(NewId()) + "if_none_match: '1'").ending.code, grpc::StatusCode::NOT_FOUND);
}

TEST(Retrieve, SaysNotFound) {
  const std::string id = NewId();
  for (const Ending& ending : {Sessions().Retrieve(Target(id)).ending, Journeys().Retrieve(Target(id)).ending}) {
    EXPECT_EQ(ending.code, grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(ending.reason, "OBJECT_DOES_NOT_EXIST");
    EXPECT_EQ(ending.metadata.at("code"), "0x80040217");
    EXPECT_EQ(ending.metadata.at("id"), id);
  }
}

// Each read follows the write at once, over other connections of the server's pool than the write.
TEST(Retrieve, ShowsWhatASessionTokenWasGivenFor) {
  const std::string id = MakeSession();
  for (int i = 0; i < 50; ++i) {
    const std::string name = "name " + std::to_string(i);
    const auto written = Sessions().Update(Target(id, "name: " + Quote(name)));
    const auto read = Sessions().Retrieve(Target(id) + "session_token: " + Quote(written->session_token()));
    ASSERT_EQ(read->entity().name(), name) << read.ending;
  }
  const auto deleted = Sessions().Delete(Target(id));
  EXPECT_EQ(Sessions().Retrieve(Target(id) + "session_token: " + Quote(deleted->session_token())).ending.code,
            grpc::StatusCode::NOT_FOUND);
}

TEST(Retrieve, EveryWriteAnswersASessionToken) {
  const std::string id = NewId();
  const std::string created = Journeys().Create(Target(id, "name: 'n'"))->session_token();
  const std::string updated = Journeys().Update(Target(id, "name: 'o'"))->session_token();
  const std::string upserted = Journeys().Upsert(Target(id, "name: 'p'"))->session_token();
  const std::string deleted = Journeys().Delete(Target(id))->session_token();
  const std::string other = MakeJourney();
  for (const std::string& token : {created, updated, upserted, deleted}) {
    EXPECT_FALSE(token.empty());
    EXPECT_TRUE(Journeys().Retrieve(Target(other) + "session_token: " + Quote(token)).ok());
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace journeyfeed::testing
