#include <google/protobuf/util/json_util.h>

#include "cli/commands/options.h"
#include "cli/input/file_io.h"
#include "cli/output/entity_description.h"
#include "journeyfeed/metadata/v1/metadata_service.grpc.pb.h"

namespace journeyfeed::cli {
namespace {

namespace pb = metadata::v1;

struct DescribeArguments {
  std::string entity;
};

Outcome<std::vector<pb::EntityMetadata>> RetrieveAll(const Options& options) {
  const auto stub = pb::MetadataService::NewStub(Connect(options.connection.address));
  pb::RetrieveAllEntitiesResponse response;
  const auto done = Call(options.connection, [&](grpc::ClientContext* context) {
    return stub->RetrieveAllEntities(context, {}, &response);
  });
  if (!done) return std::unexpected(done.error());
  return std::vector(response.entity_metadata().begin(), response.entity_metadata().end());
}

Outcome<pb::EntityMetadata> RetrieveOne(const std::string& name, const Options& options) {
  const auto channel = Connect(options.connection.address);
  const auto stub = pb::MetadataService::NewStub(channel);
  pb::RetrieveEntityRequest request;
  const auto client = MakeEntityClient(name, channel);
  request.set_logical_name(client ? client->entity().logical_name : name);
  pb::RetrieveEntityResponse response;
  const auto done = Call(options.connection, [&](grpc::ClientContext* context) {
    return stub->RetrieveEntity(context, request, &response);
  });
  if (!done) return std::unexpected(done.error());
  return std::move(*response.mutable_entity_metadata());
}

Outcome<void> PrintJson(const pb::EntityMetadata& entity, const Options& options, Io& io) {
  google::protobuf::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  json.add_whitespace = options.output.pretty;
  std::string text;
  if (const auto made = google::protobuf::util::MessageToJsonString(entity, &text, json); !made.ok()) {
    return std::unexpected(UsageFailure("the answer cannot be written as JSON"));
  }
  return LineOutput(io.output).Write(text);
}

Outcome<void> RunDescribe(const DescribeArguments& arguments, const Options& options, Io& io) {
  const bool table = options.FormatFor(io) == Format::kTable;
  const auto width = static_cast<std::size_t>(io.columns);
  if (!arguments.entity.empty()) {
    const auto entity = RetrieveOne(arguments.entity, options);
    if (!entity) return std::unexpected(entity.error());
    return table ? LineOutput(io.output).Write(EntityText(*entity, width)) : PrintJson(*entity, options, io);
  }
  const auto entities = RetrieveAll(options);
  if (!entities) return std::unexpected(entities.error());
  if (table) return LineOutput(io.output).Write(EntitiesText(*entities, width));
  for (const pb::EntityMetadata& entity : *entities) {
    if (auto printed = PrintJson(entity, options, io); !printed) return printed;
  }
  return {};
}

}  // namespace

void AddDescribe(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<DescribeArguments>(
      app, action, "describe", "Print what an entity is: columns, option sets, messages; or all entities", RunDescribe);
  // Not checked here: the service may know more entities than this program.
  command.AddOption("ENTITY", arguments.entity, "session or journey; also any logical name; all when not given")
      .TypeName("");
}

}  // namespace journeyfeed::cli
