// Every message of a service whose proto says that it serves the toy.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "journeyfeed/metadata/v1/metadata_service.grpc.pb.h"
#include "tests/toy/toy_service.h"

namespace journeyfeed::testing {
namespace {

using ::testing::HasSubstr;

class ToyMessages : public ::testing::Test {
 protected:
  // Sends a request that is to succeed.
  template <typename Request, typename Response>
  Response Send(grpc::Status (toy::ToyService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    grpc::ClientContext context;
    Response response;
    const grpc::Status status = (*stub_.*method)(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  std::string Create(const std::string& name, const std::string& text = "") {
    toy::CreateRequest request;
    request.mutable_target()->set_name(name);
    if (!text.empty()) request.mutable_target()->set_text(text);
    return Send(&toy::ToyService::Stub::Create, request).id();
  }

  toy::Toy Retrieve(const std::string& id) {
    toy::RetrieveRequest request;
    request.mutable_target()->set_id(id);
    return Send(&toy::ToyService::Stub::Retrieve, request).entity();
  }

  toy::RetrieveMultipleResponse Query(const std::string& filter) {
    toy::RetrieveMultipleRequest request;
    request.set_filter(filter);
    return Send(&toy::ToyService::Stub::RetrieveMultiple, request);
  }

  std::unique_ptr<toy::ToyService::Stub> stub_ = TheToyServer().NewStub();
};

TEST_F(ToyMessages, CreateStoresWhatRetrieveReturns) {
  const toy::Toy stored = Retrieve(Create("Ball", "round"));
  EXPECT_EQ(stored.name(), "Ball");
  EXPECT_EQ(stored.text(), "round");
  EXPECT_GT(stored.version_number(), 0);
  EXPECT_TRUE(stored.has_created_on() && stored.has_modified_by());
}

TEST_F(ToyMessages, CreateWithoutARequiredColumnNamesIt) {
  grpc::ClientContext context;
  toy::CreateResponse response;
  const grpc::Status status = stub_->Create(&context, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_details(), HasSubstr("target.name"));
}

TEST_F(ToyMessages, UpdateChangesWhatTheMaskNames) {
  toy::UpdateRequest request;
  request.mutable_target()->set_id(Create("Car", "red"));
  request.mutable_target()->set_name("not in the mask");
  request.mutable_update_mask()->add_paths("text");
  request.set_return_representation(true);
  const toy::Toy updated = Send(&toy::ToyService::Stub::Update, request).representation();
  EXPECT_EQ(updated.name(), "Car");
  EXPECT_FALSE(updated.has_text());
}

TEST_F(ToyMessages, UpsertMergesAndCreates) {
  toy::UpsertRequest request;
  request.mutable_target()->set_id(Uuid::MakeV7().ToString());
  request.mutable_target()->set_name("Doll");
  EXPECT_TRUE(Send(&toy::ToyService::Stub::Upsert, request).record_created());
  request.mutable_target()->set_text("with a dress");
  request.mutable_update_mask()->add_paths("test_text");
  const auto merged = Send(&toy::ToyService::Stub::Upsert, request);
  EXPECT_FALSE(merged.record_created());
  EXPECT_EQ(Retrieve(merged.target().id()).name(), "Doll");
}

TEST_F(ToyMessages, DeleteRemoves) {
  const std::string id = Create("Kite");
  toy::DeleteRequest request;
  request.mutable_target()->set_id(id);
  Send(&toy::ToyService::Stub::Delete, request);
  EXPECT_EQ(Query("test_toyid eq " + id).entities_size(), 0);
}

TEST_F(ToyMessages, BulkMessagesAreOneTransaction) {
  toy::CreateMultipleRequest create;
  create.add_targets()->set_name("Lego 1");
  create.add_targets()->set_name("Lego 2");
  const auto created = Send(&toy::ToyService::Stub::CreateMultiple, create);
  ASSERT_EQ(created.results_size(), 2);

  toy::UpdateMultipleRequest update;
  toy::UpsertMultipleRequest upsert;
  for (const auto& result : created.results()) {
    update.add_targets()->mutable_target()->set_id(result.id());
    update.mutable_targets()->rbegin()->mutable_target()->set_text("updated");
    upsert.add_targets()->mutable_target()->set_id(result.id());
    upsert.mutable_targets()->rbegin()->mutable_target()->set_name("Lego");
  }
  Send(&toy::ToyService::Stub::UpdateMultiple, update);
  Send(&toy::ToyService::Stub::UpsertMultiple, upsert);
  EXPECT_EQ(Query("test_name eq 'lego' and test_text eq 'updated'").entities_size(), 2);

  update.mutable_targets(1)->mutable_target()->set_id(Uuid::MakeV7().ToString());
  update.mutable_targets(0)->mutable_target()->set_text("never");
  grpc::ClientContext context;
  toy::UpdateMultipleResponse response;
  EXPECT_EQ(stub_->UpdateMultiple(&context, update, &response).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Query("test_text eq 'never'").entities_size(), 0);
}

TEST_F(ToyMessages, RetrieveMultipleAggregates) {
  Create("Puppet", "counted");
  Create("Puppet", "counted");
  toy::RetrieveMultipleRequest request;
  request.set_apply("filter(test_text eq 'counted')/groupby((test_name),aggregate($count as n))");
  const auto response = Send(&toy::ToyService::Stub::RetrieveMultiple, request);
  ASSERT_EQ(response.aggregates_size(), 1);
  EXPECT_EQ(response.aggregates(0).fields().at("n").number_value(), 2);
}

TEST_F(ToyMessages, BulkDeleteRemovesWhatTheFilterSelects) {
  for (int i = 0; i < 3; ++i) Create("Marble", "many");
  toy::BulkDeleteRequest request;
  request.set_filter("test_text eq 'many'");
  grpc::ClientContext context;
  const auto reader = stub_->BulkDelete(&context, request);
  toy::BulkDeleteResponse response, last;
  while (reader->Read(&response)) last = response;
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_TRUE(last.done());
  EXPECT_EQ(last.progress().deleted_count(), 3);
}

TEST_F(ToyMessages, ARecordInPartsIsMerged) {
  toy::CreateRequest name, text;
  name.mutable_target()->set_name("Yo-yo");
  text.mutable_target()->set_text("in two parts");
  // Two occurrences of an embedded message are one on the wire.
  const std::string bytes = name.SerializeAsString() + text.SerializeAsString();
  grpc::GenericStub stub(TheToyServer().channel());
  grpc::ClientContext context;
  grpc::Slice slice(bytes);
  grpc::ByteBuffer request(&slice, 1), response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/journeyfeed.toy.v1.ToyService/Create", {}, &request, &response,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Query("test_name eq 'Yo-yo' and test_text eq 'in two parts'").entities_size(), 1);
}

TEST_F(ToyMessages, MetadataDescribesTheTable) {
  grpc::ClientContext context;
  metadata::v1::RetrieveEntityRequest request;
  metadata::v1::RetrieveEntityResponse response;
  request.set_logical_name("test_toy");
  const auto stub = metadata::v1::MetadataService::NewStub(TheToyServer().channel());
  ASSERT_TRUE(stub->RetrieveEntity(&context, request, &response).ok());
  EXPECT_EQ(response.entity_metadata().attributes_size(), toy::Toy::descriptor()->field_count());
}

}  // namespace
}  // namespace journeyfeed::testing
