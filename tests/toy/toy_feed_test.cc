// RetrieveEntityChanges of the toy: loads, follows, resumes.
#include <gtest/gtest.h>

#include "tests/toy/toy_service.h"

namespace journeyfeed::testing {
namespace {

std::string Create(toy::ToyService::Stub& stub, const std::string& name) {
  grpc::ClientContext context;
  toy::CreateRequest request;
  toy::CreateResponse response;
  request.mutable_target()->set_name(name);
  EXPECT_TRUE(stub.Create(&context, request, &response).ok());
  return response.id();
}

// Follows until a change for which `found` holds; returns it and moves the token.
toy::EntityChange FollowTo(toy::ToyService::Stub& stub, std::string& token,
                           const std::function<bool(const toy::EntityChange&)>& found) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  toy::RetrieveEntityChangesRequest request;
  request.set_data_version(token);
  request.set_follow(true);
  request.set_max_changes_per_message(1);
  const auto reader = stub.RetrieveEntityChanges(&context, request);
  toy::RetrieveEntityChangesResponse response;
  while (reader->Read(&response)) {
    token = response.data_token();
    for (const auto& change : response.changes()) {
      if (!found(change)) continue;
      context.TryCancel();
      return change;
    }
  }
  ADD_FAILURE() << "the stream ended: " << reader->Finish().error_message();
  return {};
}

TEST(ToyFeed, LoadsFollowsAndResumes) {
  const auto stub = TheToyServer().NewStub();
  std::string token;
  const std::string first = Create(*stub, "loaded");
  const auto is_of = [](const std::string& id) {
    return [id](const toy::EntityChange& change) {
      return change.new_or_updated_entity().id() == id || change.removed_item().id() == id;
    };
  };
  const auto loaded = FollowTo(*stub, token, is_of(first));
  EXPECT_EQ(loaded.new_or_updated_entity().name(), "loaded");
  EXPECT_EQ(loaded.sequence_number(), 0);

  const std::string second = Create(*stub, "followed");
  const auto followed = FollowTo(*stub, token, is_of(second));
  EXPECT_EQ(followed.new_or_updated_entity().name(), "followed");
  EXPECT_EQ(followed.message(), entity::v1::MESSAGE_NAME_CREATE);

  grpc::ClientContext context;
  toy::DeleteRequest request;
  toy::DeleteResponse response;
  request.mutable_target()->set_id(second);
  ASSERT_TRUE(stub->Delete(&context, request, &response).ok());
  const auto removed = FollowTo(*stub, token, is_of(second));
  EXPECT_TRUE(removed.has_removed_item());
  EXPECT_EQ(removed.version_number(), response.version_number());
}

}  // namespace
}  // namespace journeyfeed::testing
