#include "journeyfeed/client/feed_run.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "journeyfeed/client/feed_stream.h"

namespace journeyfeed::client {
namespace {

using entity::v1::RetrieveEntityChangesRequest;
using entity::v1::RetrieveEntityChangesResponse;
using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause(200);
constexpr milliseconds kLongestPause = std::chrono::seconds(30);
constexpr double kJitter = 0.2;
constexpr milliseconds kShortestPatience = std::chrono::seconds(1);
constexpr milliseconds kFirstPatience = std::chrono::seconds(60);

FeedHealth::Time ToTime(const google::protobuf::Timestamp& time) {
  return FeedHealth::Time(std::chrono::duration_cast<FeedHealth::Time::duration>(
      std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(time))));
}

milliseconds ToMilliseconds(const google::protobuf::Duration& duration) {
  return milliseconds(TimeUtil::DurationToMilliseconds(duration));
}

void Note(const RetrieveEntityChangesResponse& message, std::size_t bytes, FeedHealth& health) {
  health.connected = true;
  if (message.phase() != entity::v1::CHANGE_PHASE_UNSPECIFIED) health.phase = message.phase();
  health.last_message = std::chrono::system_clock::now();
  if (message.progress().has_as_of()) health.as_of = ToTime(message.progress().as_of());
  if (message.has_progress()) health.lag = ToMilliseconds(message.progress().lag());
  ++health.messages;
  health.changes += message.changes_size();
  health.bytes += static_cast<std::int64_t>(bytes);
}

}  // namespace

FeedHealth HealthBoard::Get() const {
  const std::scoped_lock lock(mutex_);
  return health_;
}

void HealthBoard::Change(const std::function<void(FeedHealth&)>& change) {
  const std::scoped_lock lock(mutex_);
  change(health_);
}

FeedRun::FeedRun(grpc::GenericStub& stub, const FeedOptions& options, HealthBoard& health, Checkpoint from,
                 const BatchHandler& handle, std::stop_token stop)
    : stub_(stub),
      options_(options),
      health_(health),
      handle_(handle),
      stop_(std::move(stop)),
      place_(std::move(from)),
      changes_left_(options.max_changes),
      backoff_(kFirstPause, kLongestPause, kJitter) {
  // A run that begins at the newest change has nothing to sweep.
  if (place_.token.empty() && options.skip_initial_load) place_.loading = false;
  resync_ = place_.token.empty() && place_.generation > 1;
}

std::expected<void, FeedError> FeedRun::Run() {
  for (bool first = true; !stop_.stop_requested(); first = false) {
    if (!first) health_.Change([](FeedHealth& health) { ++health.reconnects; });
    const Ending ending = OneStream();
    if (stop_.stop_requested() || done_ || IsComplete(ending)) break;
    const auto delay = Delay(ending);
    if (!delay) return std::unexpected(delay.error());
    if (ending.error && options_.on_retry) options_.on_retry(*ending.error, *delay);
    if (!Pause(stop_, *delay)) break;
  }
  return {};
}

FeedRun::Ending FeedRun::OneStream() {
  Ending ending;
  FeedStream stream(stub_, options_.service, Request(), options_.metadata, stop_);
  RetrieveEntityChangesResponse message;
  for (bool received = false; !done_ && stream.Read(message, Patience(received)); received = true) {
    ending.end.reset();
    if (message.has_stream_end()) ending.end = message.stream_end();
    Receive(message, stream.bytes());
  }
  auto finished = stream.Finish();
  if (!finished && !done_ && !stop_.stop_requested()) ending.error = std::move(finished.error());
  health_.Change([&](FeedHealth& health) {
    health.connected = false;
    if (ending.error) health.last_error = ending.error;
  });
  return ending;
}

RetrieveEntityChangesRequest FeedRun::Request() const {
  RetrieveEntityChangesRequest request;
  request.set_data_version(place_.token);
  for (const std::string& column : options_.columns) request.mutable_columns()->add_paths(column);
  if (options_.partition_id) request.set_partition_id(*options_.partition_id);
  request.set_follow(options_.follow);
  request.set_skip_initial_load(place_.token.empty() && !place_.loading);
  *request.mutable_progress_interval() = TimeUtil::MillisecondsToDuration(options_.progress_interval.count());
  request.set_max_changes_per_message(options_.max_changes_per_message);
  request.set_max_changes(changes_left_);
  request.set_on_expired(options_.when_lost == WhenLost::kFail ? entity::v1::ON_EXPIRED_FAIL
                                                               : entity::v1::ON_EXPIRED_RESYNC);
  return request;
}

milliseconds FeedRun::Patience(bool received) const {
  const milliseconds patience = std::max(3 * options_.progress_interval, kShortestPatience);
  return received && options_.follow ? patience : std::max(patience, kFirstPatience);
}

void FeedRun::Receive(const RetrieveEntityChangesResponse& message, std::size_t bytes) {
  received_ = true;
  backoff_.Reset();
  health_.Change([&](FeedHealth& health) { Note(message, bytes, health); });
  if (handle_(MakeBatch(message)) == Next::kStop) done_ = true;
}

Batch FeedRun::MakeBatch(const RetrieveEntityChangesResponse& message) {
  const bool load = message.phase() == entity::v1::CHANGE_PHASE_INITIAL_LOAD;
  // A load that begins again without a word is one that an added column caused.
  if (!resync_ && (message.resync() || (load && !place_.loading))) LoadAgain();
  Batch batch{.message = message, .resync = std::exchange(resync_, false)};
  if (!message.data_token().empty()) place_.token = message.data_token();
  if (place_.loading && message.consistent()) {  // never within a load
    batch.sweep = true;
    place_.loading = false;
  }
  batch.checkpoint = place_;
  if (options_.max_changes > 0) {
    changes_left_ -= message.changes_size();
    done_ = changes_left_ <= 0;
  }
  return batch;
}

void FeedRun::LoadAgain() {
  place_ = place_.Reload();
  resync_ = true;
  health_.Change([](FeedHealth& health) { ++health.resyncs; });
}

bool FeedRun::IsComplete(const Ending& ending) const { return !options_.follow && !ending.error && !ending.end; }

std::expected<milliseconds, FeedError> FeedRun::Delay(const Ending& ending) {
  if (!ending.error) return ending.end ? ToMilliseconds(ending.end->reconnect_after()) : backoff_.Next();
  const FeedError& error = *ending.error;
  const milliseconds delay = backoff_.Next(error.retry_after);
  const bool reload = Reloads(error);
  const bool patient = options_.max_attempts == 0 || (options_.follow && received_);
  if (!reload && !error.MayRetry()) return std::unexpected(error);
  if (!patient && backoff_.attempts() >= options_.max_attempts) return std::unexpected(error);
  if (reload && !place_.token.empty()) LoadAgain();
  return delay;
}

bool FeedRun::Reloads(const FeedError& error) const {
  return (error.IsExpired() && options_.when_lost != WhenLost::kFail) ||
         (error.IsOfLostHistory() && options_.when_lost == WhenLost::kReload);
}

}  // namespace journeyfeed::client
