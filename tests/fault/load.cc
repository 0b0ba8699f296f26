#include "tests/fault/load.h"

#include <algorithm>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
namespace pb = journeyrunsession::v1;

constexpr int kKeys = 40;

// The reason that the service gave; "" if the transport answered instead.
std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const auto& any : details.details()) {
    if (any.UnpackTo(&info)) return info.reason();
  }
  return "";
}

// A refusal by the service is definite, except where it reports an unknown outcome.
Told Meaning(const grpc::Status& status) {
  if (status.ok()) return Told::kDone;
  if (ReasonOf(status).empty() || status.error_code() == grpc::StatusCode::UNKNOWN ||
      status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
      status.error_code() == grpc::StatusCode::CANCELLED) {
    return Told::kUnknown;
  }
  return Told::kRefused;
}

bool WorthAnotherTry(const grpc::Status& status) {
  return Meaning(status) == Told::kUnknown || status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

struct Operation {
  int kind;
  pb::JourneyRunSession target;
  std::string request_id;
};

grpc::Status Send(pb::JourneyRunSessionService::Stub& stub, grpc::ClientContext& context, const Operation& operation,
                  std::int64_t& version) {
  const auto finish = [&](const grpc::Status& status, const auto& response) {
    version = response.version_number();
    return status;
  };
  if (operation.kind == 0) {
    pb::DeleteRequest request;
    pb::DeleteResponse response;
    request.mutable_target()->set_id(operation.target.id());
    request.set_request_id(operation.request_id);
    return finish(stub.Delete(&context, request, &response), response);
  }
  if (operation.kind == 1) {
    pb::CreateRequest request;
    pb::CreateResponse response;
    *request.mutable_target() = operation.target;
    request.set_request_id(operation.request_id);
    return finish(stub.Create(&context, request, &response), response);
  }
  if (operation.kind == 2) {
    pb::UpdateRequest request;
    pb::UpdateResponse response;
    *request.mutable_target() = operation.target;
    request.set_request_id(operation.request_id);
    return finish(stub.Update(&context, request, &response), response);
  }
  pb::UpsertRequest request;
  pb::UpsertResponse response;
  *request.mutable_target() = operation.target;
  request.set_request_id(operation.request_id);
  return finish(stub.Upsert(&context, request, &response), response);
}

}  // namespace

Load::Load(Service& service, unsigned seed, int writers, int followers) : service_(service), seed_(seed) {
  for (int i = 0; i < followers; ++i) {
    followers_.push_back(std::make_unique<FeedConsumer>(service.database_url()));
    deaths_.push_back(std::make_unique<Deaths>());
  }
  for (int i = 0; i < followers; ++i) following_.emplace_back([this, i] { Follow(i); });
  for (int i = 0; i < writers; ++i) {
    writing_.emplace_back([this, i](std::stop_token stop) { Write(stop, i); });
  }
}

Load::~Load() { give_up_ = true; }

bool Load::AwaitWork(int more, std::chrono::milliseconds limit) const {
  const int wanted = acknowledged_ + more;
  return Eventually([&] { return acknowledged_ >= wanted; }, limit);
}

bool Load::AwaitFollowersDieAndResume(std::chrono::milliseconds limit) {
  const int ordered = ++deaths_ordered_;
  return Eventually(
      [&] { return std::ranges::all_of(deaths_, [&](const auto& each) { return each->resumed >= ordered; }); }, limit);
}

bool Load::MustDie(Deaths& deaths) const {
  const int ordered = deaths_ordered_;
  if (deaths.died < ordered) {
    deaths.died = ordered;
    return true;
  }
  deaths.resumed = deaths.died.load();
  return false;
}

void Load::Write(std::stop_token stop, int number) {
  std::mt19937 random(seed_ * 1000 + static_cast<unsigned>(number));
  while (!stop.stop_requested() && !give_up_) {
    Attempted attempt = WriteOnce(random, number);
    if (attempt.told == Told::kDone) ++acknowledged_;
    if (attempt.told == Told::kUnknown) ++unknown_;
    const std::scoped_lock lock(mutex_);
    attempts_.push_back(std::move(attempt));
  }
}

Attempted Load::WriteOnce(std::mt19937& random, int number) {
  Operation operation;
  operation.kind = static_cast<int>(random() % 5);
  operation.target.set_id(Key(static_cast<int>(random() % kKeys)).id.ToString());
  operation.target.set_name("w" + std::to_string(number) + " " + std::to_string(random() % 1000000));
  operation.target.set_journey_run_id("run");
  operation.target.set_session(std::string(random() % 300, 's'));
  Attempted attempt;
  attempt.has_request_id = random() % 2 == 0;
  if (attempt.has_request_id) operation.request_id = Uuid::MakeV7().ToString();
  const auto give_up_at = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    const auto channel = service_.channel();
    const auto stub = pb::JourneyRunSessionService::NewStub(channel);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 10s);
    attempt.sendings.push_back(Uuid::MakeV7());
    context.AddMetadata("x-correlation-id", attempt.sendings.back().ToString());
    const grpc::Status status = Send(*stub, context, operation, attempt.version);
    attempt.told = Meaning(status);
    if (!WorthAnotherTry(status)) return attempt;
    // Gives the service a moment, or waits until another server answers.
    const auto later = std::chrono::steady_clock::now() + 20ms;
    (void)Eventually([&] { return std::chrono::steady_clock::now() > later || service_.channel() != channel; });
    if (!attempt.has_request_id || give_up_ || std::chrono::steady_clock::now() > give_up_at) return attempt;
    // A repetition may have been executed before: only success or refusal ends the loop.
  }
}

void Load::Follow(int number) {
  std::mt19937 random(seed_ * 1000 + 500 + static_cast<unsigned>(number));
  FeedConsumer& follower = *followers_[static_cast<std::size_t>(number)];
  const ConsumeOptions options{.max_changes_per_message = number == 0 ? 0 : number * 7};
  const auto done = [&] { return stop_at_ >= 0 && follower.AtOrAfter(stop_at_); };
  while (!done() && !give_up_) {
    const auto channel = service_.channel();
    grpc::Status status;
    try {
      status = follower.Follow(channel, options, [&](const RecordedMessage& message) {
        using Next = FeedConsumer::Next;
        if (give_up_) return Next::kStop;
        if (stop_at_ >= 0 && !message.position.load && message.position.seq >= stop_at_) return Next::kStop;
        return MustDie(*deaths_[static_cast<std::size_t>(number)]) || random() % 60 == 0 ? Next::kDie : Next::kGoOn;
      });
    } catch (const std::runtime_error& error) {
      const std::scoped_lock lock(mutex_);
      problems_.push_back(error.what());
      return;
    }
    const std::string reason = ReasonOf(status);
    const bool passing = status.ok() || reason.empty() || status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
    if (!passing) {
      const std::scoped_lock lock(mutex_);
      problems_.push_back("honest: a follower was told " + reason + ": " + status.error_message());
      return;
    }
    const auto later = std::chrono::steady_clock::now() + 10ms;
    (void)Eventually([&] { return std::chrono::steady_clock::now() > later || service_.channel() != channel; });
  }
}

Problems Load::Finish() {
  for (auto& writer : writing_) writer.request_stop();
  writing_.clear();
  stop_at_ = std::stoll(
      Query(service_.database_url(), "select coalesce(max(seq), 0) from journeyfeed.journey_run_session_log"));
  std::atomic<bool> ended = false;
  std::jthread watch([&] {
    if (!Eventually([&] { return ended.load(); }, kPatience)) give_up_ = true;
  });
  following_.clear();
  ended = true;
  watch.join();
  const FinalState final = ReadFinalState(service_.database_url());
  Problems problems = CheckWrites(final);
  problems.insert(problems.end(), problems_.begin(), problems_.end());
  if (give_up_) problems.push_back("live: a follower did not reach the head in time");
  for (const auto& follower : followers_) {
    for (auto& problem : CheckFeed(follower->feed(), final)) problems.push_back(std::move(problem));
  }
  return problems;
}

Problems Load::CheckWrites(const FinalState& final) const {
  std::map<Uuid, std::vector<std::int64_t>> versions;
  for (const LogRow& row : final.log) versions[row.call].push_back(row.version);
  Problems problems;
  for (const Attempted& attempt : attempts_) {
    std::vector<std::int64_t> executed;
    for (const Uuid& sending : attempt.sendings) {
      const auto found = versions.find(sending);
      if (found != versions.end()) executed.insert(executed.end(), found->second.begin(), found->second.end());
    }
    const std::string call = attempt.sendings.back().ToString() + ": ";
    if (executed.size() > 1) problems.push_back(call + "executed " + std::to_string(executed.size()) + " times");
    if (attempt.told == Told::kDone && executed != std::vector{attempt.version}) {
      problems.push_back(call + "acknowledged and lost, or another version than told");
    }
    const bool surely_refused = attempt.told == Told::kRefused && attempt.sendings.size() == 1;
    if (surely_refused && !executed.empty()) problems.push_back(call + "refused and executed");
    if (problems.size() > 10) break;
  }
  return problems;
}

}  // namespace journeyfeed::testing
