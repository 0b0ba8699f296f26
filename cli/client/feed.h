// The consumer of the client library in the terms of this program.
#pragma once

#include "cli/client/change_stream.h"
#include "cli/client/channel.h"
#include "cli/client/entity_client.h"
#include "cli/failure.h"
#include "journeyfeed/client/feed_consumer.h"

namespace journeyfeed::cli {

// A consumer that follows has no limit of attempts once a first message has arrived; else four in a row.
client::FeedOptions MakeFeedOptions(const EntityClient& client, const Connection& connection,
                                    const ChangeRequest& request);

CommandFailure FromFeed(const client::FeedError& error, const Connection& connection);

// The service sent bytes that are no record of the entity.
CommandFailure BadRecord();

}  // namespace journeyfeed::cli
