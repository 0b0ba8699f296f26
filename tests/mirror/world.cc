#include "tests/mirror/world.h"

#include <filesystem>

#include "tests/integration/requests.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

constexpr int kIds = 60;
constexpr auto kWriteLimit = std::chrono::seconds(5);

std::string IdOf(int number) {
  std::string digits = std::to_string(number);
  return "6628bbf7-c52a-e911-a9b7-" + std::string(12 - digits.size(), '0') + digits;
}

template <typename Stub, typename Request, typename Response>
grpc::Status Send(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kWriteLimit);
  Response response;
  return (stub.*method)(&context, request, &response);
}

std::string NextDatabase() {
  static int count = 0;
  return TheService().postgres.CreateDatabase("mirrored_" + std::to_string(++count));
}

}  // namespace

World::World() : database_url_(NextDatabase()), channel_((StartServer(), Connect(address_))) {}

void World::StartServer() {
  std::filesystem::remove(directory_ / "socket");
  server_.emplace(std::vector<std::string>{"--address", address_, "--database-url", database_url_});
  if (!Eventually([&] { return IsServing(Connect(address_)); })) throw std::runtime_error("the server does not serve");
}

void World::KillServer() {
  server_->Kill9();
  StartServer();
}

void World::MakeSessions(int count, std::size_t bytes) {
  using Stub = sessions::JourneyRunSessionService::Stub;
  const auto stub = sessions::JourneyRunSessionService::NewStub(channel_);
  while (count > 0) {
    sessions::CreateMultipleRequest request;
    for (; count > 0 && request.targets_size() < 500; --count) {
      auto& session = *request.add_targets();
      session.set_name("made");
      session.set_journey_run_id("1");
      session.set_session(std::string(bytes, 'x'));
    }
    const grpc::Status status = Send<Stub>(*stub, &Stub::CreateMultiple, request);
    if (!status.ok()) throw std::runtime_error(status.error_message());
  }
}

bool World::Write(std::mt19937& random) {
  using Stub = sessions::JourneyRunSessionService::Stub;
  const auto stub = sessions::JourneyRunSessionService::NewStub(channel_);
  const std::string id = IdOf(static_cast<int>(random() % kIds));
  const std::string partition = random() % 2 == 0 ? "" : "p" + std::to_string(random() % 3);
  if (random() % 4 == 0) {
    sessions::DeleteRequest request;
    request.mutable_target()->set_id(id);
    request.mutable_target()->set_partition_id(partition);
    const auto code = Send<Stub>(*stub, &Stub::Delete, request).error_code();
    return code == grpc::StatusCode::OK || code == grpc::StatusCode::NOT_FOUND;
  }
  sessions::UpsertRequest request;
  request.mutable_target()->set_id(id);
  if (!partition.empty()) request.mutable_target()->set_partition_id(partition);
  request.mutable_target()->set_name("written");
  request.mutable_target()->set_journey_run_id(std::to_string(random() % 1000));
  request.mutable_target()->set_session(std::string(random() % 2000, static_cast<char>('a' + random() % 26)));
  if (random() % 2 == 0) request.mutable_target()->set_import_sequence_number(static_cast<int>(random() % 100));
  return Send<Stub>(*stub, &Stub::Upsert, request).ok();
}

void World::ForgetLog() {
  Query(database_url_, "select journeyfeed.close_log_partition(1::smallint, now() + interval '8 days')::text");
  const std::string step =
      Query(database_url_, "select journeyfeed.next_log_removal(1::smallint, '7 days', now() + interval '8 days')");
  Query(database_url_, step);
}

Writer::Writer(World& world, unsigned seed)
    : thread_([this, &world, seed](const std::stop_token& stop) {
        std::mt19937 random(seed);
        while (!stop.stop_requested()) taken_ += world.Write(random) ? 1 : 0;
      }) {}

bool Writer::Await(int more) const {
  const int target = taken_ + more;
  return Eventually([&] { return taken_ >= target; }, std::chrono::seconds(60));
}

}  // namespace journeyfeed::testing
