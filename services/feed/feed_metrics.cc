#include "services/feed/feed_metrics.h"

#include <algorithm>
#include <utility>

namespace journeyfeed::feed {
namespace {

const prometheus::Histogram::BucketBoundaries kLags = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,    1,     2.5,  5,     10,   30};

}  // namespace

FeedMetrics::FeedMetrics(std::shared_ptr<prometheus::Registry> registry)
    : registry_(registry ? std::move(registry) : std::make_shared<prometheus::Registry>()) {
  auto& family = prometheus::BuildHistogram()
                     .Name("journeyfeed_feed_lag_seconds")
                     .Help("Age of the newest change of a page when a stream that was up to date had read it.")
                     .Register(*registry_);
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    lags_[entity->id] = &family.Add({{"entity", entity->table}}, kLags);
  }
}

void FeedMetrics::ObserveLag(const dictionary::Entity& entity, std::chrono::microseconds age) {
  const auto found = lags_.find(entity.id);
  // The clocks of a primary and its standby differ a little.
  if (found != lags_.end()) found->second->Observe(std::max(0.0, std::chrono::duration<double>(age).count()));
}

}  // namespace journeyfeed::feed
