#include "tests/unit/client/model_feed.h"

#include <algorithm>
#include <cstdio>

namespace journeyfeed::client::testing {
namespace {

constexpr int kIds = 8;
constexpr int kPlaces = 40;
constexpr int kPlacesOfAPage = 10;
constexpr std::size_t kEntriesOfAPage = 3;

}  // namespace

grpc::Status ModelFeed::Stream(const cli::testing::FakeSessions::Request& request,
                               cli::testing::FakeSessions::Writer& writer) {
  const std::unique_lock lock(mutex_);
  bool resync = false;
  std::optional<Place> place = Continue(request.data_version(), resync);
  if (!place) return cli::testing::MakeError(grpc::StatusCode::FAILED_PRECONDITION, "FEED_HISTORY_CHANGED", "");
  for (;;) {
    for (int i = Any(4); i > 0 && changes_left_ > 0; --i) Change();
    if (place->history != history_) {
      return cli::testing::MakeError(grpc::StatusCode::FAILED_PRECONDITION, "FEED_HISTORY_CHANGED", "");
    }
    if (place->seq < floor_) {  // as if the stream had been cut there
      Response end;
      end.mutable_stream_end()->mutable_reconnect_after()->set_nanos(0);
      writer.Write(end);
      return grpc::Status::OK;
    }
    Response message = place->loading ? LoadPage(*place) : ChangesPage(*place);
    message.set_resync(std::exchange(resync, false));
    writer.Write(message);
    if (message.consistent() && changes_left_ == 0) return grpc::Status::OK;
  }
}

ModelFeed::Versions ModelFeed::table() const {
  const std::scoped_lock lock(mutex_);
  return VersionsNow();
}

std::optional<ModelFeed::Versions> ModelFeed::StateAt(const std::string& token) const {
  const std::scoped_lock lock(mutex_);
  const auto found = states_.find(token);
  return found == states_.end() ? std::nullopt : std::optional(found->second);
}

void ModelFeed::Change() {
  --changes_left_;
  const int what = Any(40);
  if (what == 0) return LoseHistory();
  if (what <= 2) {
    floor_ = log_.size();
    return;
  }
  if (what == 3) {
    saved_ = records_;
    saved_log_ = log_.size();
    return;
  }
  const std::string id = "id" + std::to_string(Any(kIds));
  const bool removed = what < 16 && records_.contains(id);
  log_.push_back({id, ++version_, removed});
  if (removed) {
    records_.erase(id);
  } else {
    records_[id] = {version_, Any(kPlaces)};
  }
}

void ModelFeed::LoseHistory() {
  if (saved_log_ < floor_ || saved_log_ == log_.size()) return;
  records_ = saved_;
  log_.resize(saved_log_);
  version_ += 1000;
  ++history_;
  ++lost_;
}

std::optional<ModelFeed::Place> ModelFeed::Continue(const std::string& token, bool& resync) {
  Place place;
  int loading = 0;
  if (std::sscanf(token.c_str(), "%d_%d_%zu_%d", &place.history, &loading, &place.seq, &place.at) == 4) {
    place.loading = loading == 1;
    if (place.history != history_) return std::nullopt;
    if (place.seq >= floor_) return place;
    resync = true;
    ++expired_;
  }
  return Place{.history = history_, .loading = true, .seq = log_.size(), .at = 0};
}

ModelFeed::Response ModelFeed::LoadPage(Place& place) {
  Response message;
  message.set_phase(entity::v1::CHANGE_PHASE_INITIAL_LOAD);
  for (const auto& [id, record] : records_) {
    if (record.place < place.at || record.place >= place.at + kPlacesOfAPage) continue;
    auto& change = *message.add_changes();
    change.mutable_new_or_updated_entity()->set_id(id);
    change.set_version_number(record.version);
  }
  place.at += kPlacesOfAPage;
  place.loading = place.at < kPlaces;
  message.set_data_token(std::to_string(place.history) + (place.loading ? "_1_" : "_0_") + std::to_string(place.seq) +
                         "_" + std::to_string(place.at));
  return message;
}

ModelFeed::Response ModelFeed::ChangesPage(Place& place) {
  Response message;
  message.set_phase(entity::v1::CHANGE_PHASE_CHANGES);
  const std::size_t end = std::min(place.seq + kEntriesOfAPage, log_.size());
  for (; place.seq < end; ++place.seq) {
    const Entry& entry = log_[place.seq];
    if (!IsNewest(entry)) continue;
    auto& change = *message.add_changes();
    change.set_version_number(entry.version);
    if (entry.removed) {
      change.mutable_removed_item()->set_id(entry.id);
    } else {
      change.mutable_new_or_updated_entity()->set_id(entry.id);
    }
  }
  message.set_data_token(std::to_string(place.history) + "_0_" + std::to_string(place.seq) + "_0");
  message.set_consistent(place.seq == log_.size());
  if (message.consistent()) states_[message.data_token()] = VersionsNow();
  return message;
}

bool ModelFeed::IsNewest(const Entry& entry) const {
  return std::ranges::none_of(
      log_, [&](const Entry& other) { return other.id == entry.id && other.version > entry.version; });
}

ModelFeed::Versions ModelFeed::VersionsNow() const {
  Versions versions;
  for (const auto& [id, record] : records_) versions[id] = record.version;
  return versions;
}

}  // namespace journeyfeed::client::testing
