#include "services/entity/change_request.h"

#include <algorithm>
#include <chrono>

#include "services/feed/view.h"
#include "storage/dictionary/mask.h"
#include "storage/dictionary/validate.h"
#include "storage/proto_time.h"

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

void ReadStart(const pb::RetrieveEntityChangesRequest& request, feed::ChangeRequest& read, Violations& violations) {
  read.skip_initial_load = request.skip_initial_load();
  if (!request.has_changed_since()) return;
  if (auto wrong = dictionary::TimeViolation(request.changed_since(), "changed_since")) violations.push_back(*wrong);
  if (read.skip_initial_load) Refuse("changed_since", "cannot stand beside skip_initial_load", violations);
  read.changed_since = FromProto(request.changed_since());
}

// Columns and partition of a feed's request: what its tokens are bound to.
struct View {
  feed::AskedColumns columns;
  std::optional<std::string> partition_id;

  std::uint64_t Number(std::uint64_t columns_in_tokens) const { return feed::ViewOf(columns_in_tokens, partition_id); }
};

template <typename Request>
View ReadView(const dictionary::Entity& entity, const Request& request, Violations& violations,
              std::optional<Failure>& refused) {
  View view{.columns = {}, .partition_id = PartitionOf(entity, request)};
  if (view.partition_id) CheckPartition(*view.partition_id, "partition_id", violations);
  const auto columns = dictionary::ParseColumns(entity, request.columns(), "columns");
  if (columns) view.columns = {.set = *columns, .all = dictionary::AsksForAll(request.columns())};
  if (!columns) refused = columns.error();
  return view;
}

struct TokenStart {
  ChangePosition position;
  bool lacks_columns = false;  // the token is of a list that lacks a few of the columns
};

Result<TokenStart> ReadToken(const dictionary::Entity& entity, const feed::TokenCodec& tokens, const View& view,
                             const std::string& token) {
  feed::Coverage coverage = feed::Coverage::kNone;
  auto position = tokens.DecodeData(
      entity,
      [&](std::uint64_t issued) {
        const feed::View number = [&view](std::uint64_t set) { return view.Number(set); };
        coverage = feed::CoverageOf(entity, view.columns, issued, number, kMostNewColumns);
        return coverage != feed::Coverage::kNone;
      },
      token);
  if (!position) return std::unexpected(position.error());
  return TokenStart{.position = *std::move(position), .lacks_columns = coverage == feed::Coverage::kPart};
}

}  // namespace

Result<feed::ChangeRequest> ReadChangeRequest(const dictionary::Entity& entity, const Store& store,
                                              const feed::TokenCodec& tokens,
                                              const pb::RetrieveEntityChangesRequest& request) {
  Violations violations;
  std::optional<Failure> refused;
  feed::ChangeRequest read{.entity = &entity, .after = {}, .partition_id = {}, .follow = request.follow()};
  ReadNumbers(request, read, violations);
  ReadStart(request, read, violations);
  const View view = ReadView(entity, request, violations, refused);
  if ((refused = Collect(std::move(refused), std::move(violations)))) return std::unexpected(*refused);
  read.partition_id = view.partition_id;
  read.columns = view.columns.set;
  read.view = view.Number(feed::InTokens(entity, view.columns));
  const auto written = ReadReadYourWritesToken(tokens, entity, request.session_token());
  if (!written) return std::unexpected(written.error());
  read.not_before = *written;
  if (request.data_version().empty()) return read;
  auto start = ReadToken(entity, tokens, view, request.data_version());
  if (!start) return std::unexpected(start.error());
  // Of what did not change since, its holder has not seen the missing columns: the load starts again. The start of the
  // changes stays, since it names what was sent and deleted.
  const bool reload = start->lacks_columns && !read.skip_initial_load;
  read.after = reload ? store.RestartLoad(start->position) : start->position;
  return read;
}

Result<CheckedWindowRequest> ReadWindowRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                               const pb::RetrieveChangeWindowRequest& request) {
  Violations violations;
  std::optional<Failure> refused;
  const View view = ReadView(entity, request, violations, refused);
  if ((refused = Collect(std::move(refused), std::move(violations)))) return std::unexpected(*refused);
  CheckedWindowRequest read{.call = {.entity = &entity, .after = {}, .partition_id = view.partition_id},
                            .view = view.Number(feed::InTokens(entity, view.columns))};
  if (request.data_version().empty()) return read;
  auto start = ReadToken(entity, tokens, view, request.data_version());
  if (!start) return std::unexpected(start.error());
  read.call.after = std::move(start->position);
  return read;
}

}  // namespace journeyfeed::entity_service
