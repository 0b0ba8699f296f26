#include "tests/bench/bench.h"

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "storage/postgres/write/write_batch.h"

namespace journeyfeed::bench {

using namespace std::chrono_literals;
namespace v1 = journeyrunsession::v1;

void Die(const std::string& what) {
  std::cerr << what << '\n';
  std::exit(1);
}

std::shared_ptr<grpc::Channel> ReadyChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  const auto stub = v1::JourneyRunSessionService::NewStub(channel);
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  while (true) {
    grpc::ClientContext context;
    v1::RetrieveEntityChangesRequest request;
    request.set_skip_initial_load(true);
    v1::RetrieveEntityChangesResponse response;
    auto reader = stub->RetrieveEntityChanges(&context, request);
    while (reader->Read(&response)) continue;
    const grpc::Status status = reader->Finish();
    if (status.ok()) return channel;
    if (std::chrono::steady_clock::now() > give_up) Die("not ready: " + status.error_message());
  }
}

std::unique_ptr<postgres::Connection> OpenWriter(const std::string& url) {
  auto connection = postgres::Connection::Open(
      url,
      "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off"
      " -c enable_mergejoin=off -c role=journeyfeed_service",
      5s);
  if (!connection) Die(connection.error().message);
  return *std::move(connection);
}

WriteRequest CreateSessions(int rows, const std::string& text) {
  const auto& entity = dictionary::Describe(v1::JourneyRunSession::descriptor());
  WriteRequest call{.entity = &entity, .rows = std::vector<WriteRow>(static_cast<std::size_t>(rows))};
  for (std::size_t i = 0; i < call.rows.size(); ++i) {
    WriteRow& row = call.rows[i];
    row.message = entity::v1::MESSAGE_NAME_CREATE;
    row.key.id = Uuid::MakeV7();
    row.request_index = static_cast<std::int32_t>(i);
    row.values.resize(entity.columns.size());
    for (const char* name : {"name", "journey_run_id", "session"}) {
      const dictionary::Column& column = *entity.Find(name);
      row.values[static_cast<std::size_t>(&column - entity.columns.data())] = text;
      row.set |= column.bit();
    }
  }
  return call;
}

void ExecuteDirectly(postgres::Connection& connection, const std::vector<WriteRequest>& calls) {
  const postgres::BatchEnvironment environment{10s, [](const auto&, const auto&) {}, [](const auto&) {}};
  std::vector<const WriteRequest*> pointers;
  for (const WriteRequest& call : calls) pointers.push_back(&call);
  for (const auto& outcome : postgres::ExecuteBatch(connection, *calls.front().entity, pointers, environment)) {
    if (!outcome) Die("write function: " + outcome.error().message);
  }
}

}  // namespace journeyfeed::bench
