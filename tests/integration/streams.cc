#include "tests/integration/streams.h"

#include <stdexcept>

namespace journeyfeed::testing {
namespace {

template <typename Reader>
std::string HeadToken(const std::shared_ptr<grpc::Channel>& channel, const std::string& more) {
  Reader reader(channel, "skip_initial_load: true " + more);
  reader.ReadAll();
  if (!reader.End().ok()) throw std::runtime_error("no token of the head: " + reader.End().message);
  return reader.token();
}

template <typename Reader, typename Change>
std::vector<Change> ChangesSince(const std::string& token, const std::string& more) {
  Reader reader(TheService().server.channel(), "data_version: " + Quote(token) + more);
  std::vector<Change> changes;
  for (const auto& response : reader.ReadAll())
    changes.insert(changes.end(), response.changes().begin(), response.changes().end());
  if (!reader.End().ok()) throw std::runtime_error("no changes: " + reader.End().message);
  return changes;
}

}  // namespace

std::string SessionHead(const std::shared_ptr<grpc::Channel>& channel, const std::string& more) {
  return HeadToken<SessionChanges>(channel, more);
}

std::string JourneyHead(const std::shared_ptr<grpc::Channel>& channel, const std::string& more) {
  return HeadToken<JourneyChanges>(channel, more);
}

std::vector<sessions::EntityChange> SessionChangesSince(const std::string& token, const std::string& more) {
  return ChangesSince<SessionChanges, sessions::EntityChange>(token, more);
}

std::vector<journeys::EntityChange> JourneyChangesSince(const std::string& token, const std::string& more) {
  return ChangesSince<JourneyChanges, journeys::EntityChange>(token, more);
}

}  // namespace journeyfeed::testing
