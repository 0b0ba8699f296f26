#include "tests/bench/contenders/journeyfeed.h"

#include "tests/bench/contenders/session_calls.h"

namespace journeyfeed::bench {
namespace {

// One log line per call would be a cost that the others do not have.
std::unique_ptr<testing::ServerProcess> StartServer(const std::string& url) {
  return std::make_unique<testing::ServerProcess>(
      std::vector<std::string>{"--database-url", url, "--log-level", "warning"});
}

}  // namespace

Journeyfeed::Journeyfeed(const Options& options)
    : postgres_({.durable = true, .settings = options.database_settings}),
      url_(postgres_.CreateDatabase("bench")),
      server_(StartServer(url_)) {
  if (options.replica) replica_ = StartServer(url_);
  AwaitServing(*this);
}

// A drain would wait for clients.
Journeyfeed::~Journeyfeed() {
  for (const auto& server : {server_.get(), replica_.get()}) {
    if (server != nullptr && server->Alive()) server->Kill9();
  }
}

void Journeyfeed::RestartServer() {
  server_->Kill9();
  server_ = StartServer(url_);
  AwaitServing(*this);
}

http2::Call Journeyfeed::Follow(const Partition& partition) const { return session_calls::Follow(partition); }

http2::Call Journeyfeed::Write(const std::vector<std::string>& texts, const Partition& partition) {
  return session_calls::Create(texts, partition);
}

}  // namespace journeyfeed::bench
