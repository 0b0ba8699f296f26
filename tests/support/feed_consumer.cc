#include "tests/support/feed_consumer.h"

#include <stdexcept>

#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"
#include "services/feed/view.h"
#include "tests/support/feed_database.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::testing {
namespace {

namespace pb = journeyrunsession::v1;

feed::TokenCodec CodecOf(const std::string& url) {
  const std::string hex = Query(url, "select encode(secret, 'hex') from journeyfeed.token_key where key_id = 1");
  std::string secret;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    secret.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return feed::TokenCodec([secret] { return std::vector<std::pair<std::uint8_t, std::string>>{{1, secret}}; });
}

RecordKey KeyOf(const std::string& id, const std::string& partition) {
  RecordKey key{.id = *Uuid::Parse(id)};
  if (partition != id) key.partition_id = partition;
  return key;
}

RecordedMessage Record(const pb::RetrieveEntityChangesResponse& response, const postgres::Position& position) {
  RecordedMessage message;
  message.initial_load = response.phase() == entity::v1::CHANGE_PHASE_INITIAL_LOAD;
  message.consistent = response.consistent();
  message.call_end = response.call_end();
  message.resync = response.resync();
  message.position = position;
  for (const pb::EntityChange& change : response.changes()) {
    RecordedChange recorded{
        .key = {}, .version = change.version_number(), .seq = change.sequence_number(), .call_end = change.call_end()};
    recorded.removed = change.has_removed_item();
    if (recorded.removed) {
      recorded.key = KeyOf(change.removed_item().id(), change.removed_item().partition_id());
    } else {
      const pb::JourneyRunSession& session = change.new_or_updated_entity();
      recorded.key = KeyOf(session.id(), session.partition_id());
      recorded.content = ContentOf(session.name(), session.session());
    }
    message.changes.push_back(std::move(recorded));
  }
  return message;
}

}  // namespace

std::shared_ptr<grpc::Channel> ConnectAlone(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

FeedConsumer::FeedConsumer(const std::string& database_url, std::optional<std::string> partition_id)
    : codec_(CodecOf(database_url)),
      partition_id_(std::move(partition_id)),
      view_(feed::ViewOf(feed::InTokens(Sessions(), {.all = true}), partition_id_)) {}

grpc::Status FeedConsumer::Follow(const std::shared_ptr<grpc::Channel>& channel, const ConsumeOptions& options,
                                  const std::function<Next(const RecordedMessage&)>& next) {
  const auto stub = pb::JourneyRunSessionService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + options.limit);
  pb::RetrieveEntityChangesRequest request;
  request.set_data_version(token_);
  request.set_follow(options.follow);
  if (partition_id_) request.set_partition_id(*partition_id_);
  request.set_max_changes_per_message(options.max_changes_per_message);
  request.mutable_progress_interval()->set_nanos(static_cast<int>(options.progress_interval.count() * 1'000'000));
  const auto stream = stub->RetrieveEntityChanges(&context, request);
  pb::RetrieveEntityChangesResponse response;
  reconnect_after_.reset();
  while (stream->Read(&response)) {
    const auto token = codec_.DecodeData(Sessions(), view_, response.data_token());
    const auto position = token ? postgres::DecodePosition(*token) : std::unexpected(token.error());
    if (!position) throw std::runtime_error("a token that does not decode: " + position.error().message);
    if (response.has_stream_end()) {
      token_ = response.data_token();
      const auto& after = response.stream_end().reconnect_after();
      reconnect_after_ = std::chrono::milliseconds(after.seconds() * 1000 + after.nanos() / 1'000'000);
      continue;
    }
    RecordedMessage message = Record(response, *position);
    const Next then = next(message);
    if (then != Next::kDie) {
      feed_.messages.push_back(std::move(message));
      token_ = response.data_token();
    }
    if (then != Next::kGoOn) {
      context.TryCancel();
      break;
    }
  }
  while (stream->Read(&response)) continue;  // messages in flight when the call was left
  return stream->Finish();
}

bool FeedConsumer::AtOrAfter(std::int64_t seq) const {
  return !feed_.messages.empty() && !feed_.messages.back().position.load && feed_.messages.back().position.seq >= seq;
}

}  // namespace journeyfeed::testing
