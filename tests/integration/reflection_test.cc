#include <gtest/gtest.h>

#include <set>

#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "storage/dictionary/dictionary.h"
#include "tests/integration/service.h"

namespace journeyfeed::testing {
namespace {

using grpc::reflection::v1alpha::ServerReflection;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

ServerReflectionResponse Ask(const ServerReflectionRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallLimit);
  const auto stub = ServerReflection::NewStub(TheService().server.channel());
  const auto stream = stub->ServerReflectionInfo(&context);
  ServerReflectionResponse response;
  stream->Write(request);
  stream->Read(&response);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  return response;
}

std::set<std::string> Listed() {
  ServerReflectionRequest request;
  request.set_list_services("*");
  std::set<std::string> names;
  const auto response = Ask(request);
  for (const auto& service : response.list_services_response().service()) names.insert(service.name());
  return names;
}

TEST(Reflection, ListsAllServices) {
  std::set<std::string> expected = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection",
                                    "journeyfeed.metadata.v1.MetadataService"};
  for (const dictionary::Entity* entity : dictionary::AllEntities()) expected.insert(entity->service);
  EXPECT_EQ(Listed(), expected);
}

// Enough for a client without protos: every file that the description names can be requested.
TEST(Reflection, DescribesAllServices) {
  for (const std::string& service : Listed()) {
    ServerReflectionRequest request;
    request.set_file_containing_symbol(service);
    const auto response = Ask(request);
    EXPECT_GT(response.file_descriptor_response().file_descriptor_proto_size(), 0) << service << response.DebugString();
  }
  ServerReflectionRequest request;
  request.set_file_by_filename("journeyfeed/entity/v1/options.proto");
  EXPECT_GT(Ask(request).file_descriptor_response().file_descriptor_proto_size(), 0);
}

}  // namespace
}  // namespace journeyfeed::testing
