#include "cli/client/feed.h"

#include "cli/client/backoff.h"

namespace journeyfeed::cli {

client::FeedOptions MakeFeedOptions(const EntityClient& client, const Connection& connection,
                                    const ChangeRequest& request) {
  client::FeedOptions options{.service = client.entity().service,
                              .columns = {request.columns.paths().begin(), request.columns.paths().end()},
                              .partition_id = request.partition_id,
                              .follow = request.follow,
                              .skip_initial_load = request.skip_initial_load,
                              .max_changes = request.max_changes,
                              .when_lost = request.on_expired == entity::v1::ON_EXPIRED_RESYNC
                                               ? client::WhenLost::kReloadWhenExpired
                                               : client::WhenLost::kFail,
                              .metadata = IdentityOf(connection),
                              .max_attempts = kMaxAttempts};
  if (request.progress_interval) options.progress_interval = *request.progress_interval;
  return options;
}

CommandFailure FromFeed(const client::FeedError& error, const Connection& connection) {
  CommandFailure failure = FromCall(error.status);
  failure.correlation_id = error.correlation_id.empty() ? connection.correlation_id : error.correlation_id;
  return failure;
}

CommandFailure BadRecord() { return FromCall({grpc::StatusCode::INTERNAL, "the server sent a record that is none"}); }

}  // namespace journeyfeed::cli
