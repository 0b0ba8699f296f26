// A channel that suits streams.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

namespace journeyfeed::client {

// Connects at the first call. Accepts records of every size, detects a peer that vanished within a minute, and connects
// again within a second, so that FeedConsumer alone spaces the attempts. `address`: "host:port" or "unix:path".
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address,
                                           std::shared_ptr<grpc::ChannelCredentials> credentials);

}  // namespace journeyfeed::client
