#include "services/feed/feed_metrics.h"

#include <algorithm>
#include <utility>

namespace journeyfeed::feed {
namespace {

const prometheus::Histogram::BucketBoundaries kLags = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,    1,     2.5,  5,     10,   30};

prometheus::Family<prometheus::Gauge>& Gauges(const char* name, const char* help, prometheus::Registry& registry) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Counter>& Counters(const char* name, const char* help, prometheus::Registry& registry) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

FeedMetrics::FeedMetrics(std::shared_ptr<prometheus::Registry> registry)
    : registry_(registry ? std::move(registry) : std::make_shared<prometheus::Registry>()) {
  auto& family = prometheus::BuildHistogram()
                     .Name("journeyfeed_feed_lag_seconds")
                     .Help("Age of the newest change of a page when a stream that was up to date had read it.")
                     .Register(*registry_);
  auto& streams = Gauges("journeyfeed_feed_channel_streams", "Change streams that share pages.", *registry_);
  auto& bytes = Gauges("journeyfeed_feed_channel_bytes", "Memory of the pages that streams share.", *registry_);
  auto& pages = Counters("journeyfeed_feed_channel_pages_total", "Pages that were read for all streams.", *registry_);
  auto& breaks =
      Counters("journeyfeed_feed_channel_breaks_total",
               "How often streams had to read their own pages again: a lost history, or no database.", *registry_);
  auto& refused = Counters("journeyfeed_feed_streams_refused_total",
                           "Change streams that were refused because too many were open.", *registry_);
  auto& cut_off =
      Counters("journeyfeed_feed_streams_cut_off_total",
               "Change streams that ended because their consumer took no message for too long.", *registry_);
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const prometheus::Labels labels = {{"entity", entity->table}};
    lags_[entity->id] = &family.Add(labels, kLags);
    channels_[entity->id] = {.streams = &streams.Add(labels),
                             .bytes = &bytes.Add(labels),
                             .pages = &pages.Add(labels),
                             .breaks = &breaks.Add(labels)};
    streams_[entity->id] = {.refused = &refused.Add(labels), .cut_off = &cut_off.Add(labels)};
  }
}

void FeedMetrics::ObserveLag(const dictionary::Entity& entity, std::chrono::microseconds age) {
  const auto found = lags_.find(entity.id);
  // The clocks of a primary and its standby differ a little.
  if (found != lags_.end()) found->second->Observe(std::max(0.0, std::chrono::duration<double>(age).count()));
}

}  // namespace journeyfeed::feed
