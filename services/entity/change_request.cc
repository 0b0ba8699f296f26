#include "services/entity/change_request.h"

#include <algorithm>
#include <chrono>

#include "services/feed/view.h"
#include "storage/dictionary/mask.h"

namespace journeyfeed::entity_service {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

constexpr auto kShortestInterval = 100ms;
constexpr auto kLongestInterval = 1h;
constexpr std::int32_t kMostPerMessage = 1000;
// Columns that the list of a token may lack when all are asked now: what a release adds.
constexpr int kMostNewColumns = 2;

// Bounded, so that no duration can overflow, and below any range when the nanoseconds are not a part of a second; the
// check of the range follows.
std::chrono::nanoseconds ReadInterval(const google::protobuf::Duration& interval) {
  const std::int64_t nanos = interval.nanos();
  if (nanos < 0 || nanos >= 1'000'000'000) return -1ns;
  return std::chrono::seconds(std::clamp<std::int64_t>(interval.seconds(), -1, 1'000'000)) +
         std::chrono::nanoseconds(nanos);
}

void ReadNumbers(const pb::RetrieveEntityChangesRequest& request, feed::ChangeRequest& read, Violations& violations) {
  if (request.has_progress_interval()) {
    const auto interval = ReadInterval(request.progress_interval());
    if (interval < kShortestInterval || interval > kLongestInterval) {
      Refuse("progress_interval", "must be from 100 ms to 1 h", violations);
    }
    read.progress_interval = std::chrono::duration_cast<std::chrono::milliseconds>(interval);
  }
  const std::int32_t per_message = request.max_changes_per_message();
  if (per_message < 0 || per_message > kMostPerMessage) {
    Refuse("max_changes_per_message", "must be from 0 to 1000", violations);
  }
  if (per_message > 0) read.max_changes_per_message = per_message;
  if (request.max_changes() < 0) Refuse("max_changes", "must not be negative", violations);
  read.max_changes = request.max_changes();
  if (!pb::OnExpired_IsValid(request.on_expired())) Refuse("on_expired", "not a value of OnExpired", violations);
  read.resync_when_expired = request.on_expired() == pb::ON_EXPIRED_RESYNC;
}

}  // namespace

Result<feed::ChangeRequest> ReadChangeRequest(const dictionary::Entity& entity, const Store& store,
                                              const feed::TokenCodec& tokens,
                                              const pb::RetrieveEntityChangesRequest& request) {
  Violations violations;
  feed::ChangeRequest read{.entity = &entity,
                           .after = {},
                           .partition_id = PartitionOf(entity, request),
                           .follow = request.follow(),
                           .skip_initial_load = request.skip_initial_load()};
  ReadNumbers(request, read, violations);
  if (read.partition_id) CheckPartition(*read.partition_id, "partition_id", violations);
  const auto columns = dictionary::ParseColumns(entity, request.columns(), "columns");
  if (auto refused = Collect(columns ? std::nullopt : std::optional(columns.error()), std::move(violations))) {
    return std::unexpected(*refused);
  }
  // The view is only known when the rest of the request is valid.
  const feed::AskedColumns asked{.set = *columns, .all = dictionary::AsksForAll(request.columns())};
  const feed::View view = [&](std::uint64_t set) { return feed::ViewOf(set, read.partition_id); };
  read.columns = *columns;
  read.view = view(feed::InTokens(entity, asked));
  if (request.data_version().empty()) return read;
  feed::Coverage coverage = feed::Coverage::kNone;
  auto after = tokens.DecodeData(
      entity,
      [&](std::uint64_t issued) {
        coverage = feed::CoverageOf(entity, asked, issued, view, kMostNewColumns);
        return coverage != feed::Coverage::kNone;
      },
      request.data_version());
  if (!after) return std::unexpected(after.error());
  // Of what did not change since, its holder has not seen the missing columns: the load starts again. The start of the
  // changes stays, since it names what was sent and deleted.
  const bool reload = coverage == feed::Coverage::kPart && !read.skip_initial_load;
  read.after = reload ? store.RestartLoad(*after) : *after;
  return read;
}

}  // namespace journeyfeed::entity_service
