#include "services/entity/change_request.h"

#include "journeyfeed/entity/v1/feed.pb.h"
#include "services/feed/view.h"

namespace journeyfeed::entity_service {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

constexpr auto kShortestInterval = 100ms;
constexpr auto kLongestInterval = 1h;
constexpr std::int32_t kMostPerMessage = 1000;
// Columns that the list of a token may lack when all are asked now: what a release adds.
constexpr int kMostNewColumns = 2;

void CheckNumbers(const ChangeRequestFields& fields, feed::ChangeRequest& request, Violations& violations) {
  if (fields.progress_interval) {
    if (*fields.progress_interval < kShortestInterval || *fields.progress_interval > kLongestInterval) {
      Refuse("progress_interval", "must be from 100 ms to 1 h", violations);
    }
    request.progress_interval = std::chrono::duration_cast<std::chrono::milliseconds>(*fields.progress_interval);
  }
  if (fields.max_changes_per_message < 0 || fields.max_changes_per_message > kMostPerMessage) {
    Refuse("max_changes_per_message", "must be from 0 to 1000", violations);
  }
  if (fields.max_changes_per_message > 0) request.max_changes_per_message = fields.max_changes_per_message;
  if (fields.max_changes < 0) Refuse("max_changes", "must not be negative", violations);
  request.max_changes = fields.max_changes;
  if (!pb::OnExpired_IsValid(fields.on_expired)) Refuse("on_expired", "not a value of OnExpired", violations);
  request.resync_when_expired = fields.on_expired == pb::ON_EXPIRED_RESYNC;
}

}  // namespace

Result<feed::ChangeRequest> CheckChangeRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                               const ChangeRequestFields& fields) {
  Violations violations;
  feed::ChangeRequest request{.entity = &entity,
                              .after = {},
                              .partition_id = fields.partition_id,
                              .follow = fields.follow,
                              .skip_initial_load = fields.skip_initial_load};
  CheckNumbers(fields, request, violations);
  if (fields.partition_id) CheckPartition(*fields.partition_id, "partition_id", violations);
  const auto columns = dictionary::ParseColumns(entity, fields.columns, "columns");
  if (auto refused = Collect(columns ? std::nullopt : std::optional(columns.error()), std::move(violations))) {
    return std::unexpected(*refused);
  }
  // The view is only known when the rest of the request is valid.
  const feed::AskedColumns asked{.set = *columns, .all = dictionary::AsksForAll(fields.columns)};
  const feed::View view = [&](std::uint64_t set) { return feed::ViewOf(set, request.partition_id); };
  request.columns = *columns;
  request.view = view(feed::InTokens(entity, asked));
  if (fields.data_version.empty()) return request;
  feed::Coverage coverage = feed::Coverage::kNone;
  auto after = tokens.DecodeData(
      entity,
      [&](std::uint64_t issued) {
        coverage = feed::CoverageOf(entity, asked, issued, view, kMostNewColumns);
        return coverage != feed::Coverage::kNone;
      },
      fields.data_version);
  if (!after) return std::unexpected(after.error());
  request.after = *after;
  // Of what did not change since, its holder has not seen the missing columns: the load starts again. The start of the
  // changes stays, since it names what was sent and deleted.
  if (coverage == feed::Coverage::kPart && !request.skip_initial_load) request.after->load = LoadPosition{};
  return request;
}

}  // namespace journeyfeed::entity_service
