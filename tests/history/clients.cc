#include "tests/history/clients.h"

#include <map>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"
#include "tests/support/files.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
namespace session = journeyrunsession::v1;

constexpr int kKeys = 40;

}  // namespace

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const auto& any : details.details()) {
    if (any.UnpackTo(&info)) return info.reason();
  }
  return "";
}

std::string RecommendedServiceConfig() {
  const std::string text = ReadFile(JOURNEYFEED_OPERATIONS);
  const auto begin = text.find("```json\n");
  const auto end = text.find("\n```", begin + 8);
  return begin == text.npos ? "" : text.substr(begin + 8, end - begin - 8);
}

std::shared_ptr<grpc::Channel> ConnectTo(const std::vector<std::string>& addresses) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetServiceConfigJSON(RecommendedServiceConfig());
  std::string target = "ipv4:";
  for (const auto& address : addresses) target += (target == "ipv4:" ? "" : ",") + address;
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

Clients::Clients(ClientsSettings settings) : settings_(std::move(settings)) {
  for (int i = 0; i < settings_.followers; ++i) {
    followers_.push_back(std::make_unique<FeedConsumer>(settings_.database_url));
  }
  for (int i = 0; i < settings_.followers; ++i) following_.emplace_back([this, i] { Follow(i); });
  for (int i = 0; i < settings_.writers; ++i) {
    writing_.emplace_back([this, i](std::stop_token stop) { Write(stop, i); });
  }
}

Clients::~Clients() { give_up_ = true; }

bool Clients::AwaitWork(int more, std::chrono::milliseconds limit) const {
  const int before = acknowledged_;
  return Eventually([&] { return acknowledged_ >= before + more; }, limit);
}

bool Clients::AwaitFollowing() const {
  return Eventually([this] { return following_count_ == settings_.followers; }, 120s);
}

std::vector<std::string> Clients::failed_calls() const {
  const std::scoped_lock lock(mutex_);
  return failed_;
}

std::vector<std::chrono::milliseconds> Clients::reconnect_hints() const {
  const std::scoped_lock lock(mutex_);
  return hints_;
}

void Clients::Pause(std::chrono::milliseconds time) const {
  (void)Eventually([this] { return give_up_.load(); }, time);
}

void Clients::Write(std::stop_token stop, int number) {
  std::mt19937 random(settings_.seed * 1000 + static_cast<unsigned>(number));
  const auto stub = session::JourneyRunSessionService::NewStub(ConnectTo(settings_.addresses));
  while (!stop.stop_requested() && !give_up_) {
    const std::string id = Key(static_cast<int>(random() % kKeys)).id.ToString();
    const bool removes = random() % 5 == 0;
    session::DeleteRequest remove;
    remove.mutable_target()->set_id(id);
    remove.set_request_id(Uuid::MakeV7().ToString());
    session::UpsertRequest upsert;
    upsert.mutable_target()->set_id(id);
    upsert.mutable_target()->set_name("w" + std::to_string(number) + " " + std::to_string(random() % 1000000));
    upsert.mutable_target()->set_journey_run_id("run");
    upsert.mutable_target()->set_session(std::string(random() % 300, 's'));
    upsert.set_request_id(Uuid::MakeV7().ToString());
    Written written{.correlation_id = Uuid::MakeV7().ToString(), .status = {}};
    while (!give_up_) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + 20s);
      context.AddMetadata("x-correlation-id", written.correlation_id);
      ++written.sendings;
      if (removes) {
        session::DeleteResponse response;
        written.status = stub->Delete(&context, remove, &response);
        written.version = response.version_number();
      } else {
        session::UpsertResponse response;
        written.status = stub->Upsert(&context, upsert, &response);
        written.version = response.version_number();
      }
      if (written.status.ok() || written.status.error_code() == grpc::StatusCode::NOT_FOUND) break;
      {
        const std::scoped_lock lock(mutex_);
        failed_.push_back(std::to_string(written.status.error_code()) + " " + ReasonOf(written.status) + " " +
                          written.status.error_message());
      }
      Pause(50ms);
    }
    if (written.status.ok()) ++acknowledged_;
    const std::scoped_lock lock(mutex_);
    written_.push_back(std::move(written));
  }
}

void Clients::Follow(int number) {
  std::mt19937 random(settings_.seed * 1000 + 500 + static_cast<unsigned>(number));
  FeedConsumer& follower = *followers_[static_cast<std::size_t>(number)];
  const ConsumeOptions options{.max_changes_per_message = number % 4 * 7, .limit = 120s};
  const auto done = [&] { return stop_at_ >= 0 && follower.AtOrAfter(stop_at_); };
  auto channel = ConnectTo(settings_.addresses);
  bool counted = false;
  while (!done() && !give_up_) {
    // Each stream goes to a random replica.
    const grpc::Status status = follower.Follow(channel, options, [&](const RecordedMessage& message) {
      using Next = FeedConsumer::Next;
      if (!std::exchange(counted, true)) ++following_count_;
      if (give_up_) return Next::kStop;
      if (stop_at_ >= 0 && !message.position.load && message.position.seq >= stop_at_) return Next::kStop;
      return settings_.followers_die && random() % 80 == 0 ? Next::kDie : Next::kGoOn;
    });
    ++resumed_;
    const std::string reason = ReasonOf(status);
    const bool passing = status.ok() || reason.empty() || status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
    {
      const std::scoped_lock lock(mutex_);
      if (const auto after = follower.reconnect_after()) hints_.push_back(*after);
      if (!passing) problems_.push_back("honest: a follower was told " + reason + ": " + status.error_message());
    }
    if (!passing) return;
    // Waits a tenth of the requested time, to put more load on the servers.
    Pause(follower.reconnect_after().value_or(100ms) / 10);
  }
}

Problems Clients::Finish(const std::string& database_url) {
  for (auto& writer : writing_) writer.request_stop();
  writing_.clear();
  stop_at_ = std::stoll(Query(database_url, "select coalesce(max(seq), 0) from journeyfeed.journey_run_session_log"));
  std::atomic<bool> ended = false;
  std::jthread watch([&] {
    if (!Eventually([&] { return ended.load(); }, 120s)) give_up_ = true;
  });
  following_.clear();
  ended = true;
  watch.join();
  const FinalState final = ReadFinalState(database_url);
  Problems problems = CheckWrites(final);
  problems.insert(problems.end(), problems_.begin(), problems_.end());
  if (give_up_) problems.push_back("live: a follower did not reach the head in time");
  for (const auto& follower : followers_) {
    if (problems.size() > 20) break;
    for (auto& problem : CheckFeed(follower->feed(), final)) problems.push_back(std::move(problem));
  }
  return problems;
}

Problems Clients::CheckWrites(const FinalState& final) const {
  std::map<Uuid, std::vector<std::int64_t>> versions;
  for (const LogRow& row : final.log) versions[row.call].push_back(row.version);
  Problems problems;
  for (const Written& written : written_) {
    const auto executed = versions.find(*Uuid::Parse(written.correlation_id));
    const std::size_t times = executed == versions.end() ? 0 : executed->second.size();
    if (times > 1) problems.push_back(written.correlation_id + ": executed " + std::to_string(times) + " times");
    if (written.status.ok() && (times == 0 || executed->second.front() != written.version))
      problems.push_back(written.correlation_id + ": acknowledged and lost, or another version than told");
    if (problems.size() > 10) break;
  }
  return problems;
}

}  // namespace journeyfeed::testing
