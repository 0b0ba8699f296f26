// Measures how late changes are delivered.
#pragma once

#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <map>
#include <memory>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::feed {

// Thread-safe.
class FeedMetrics {
 public:
  // Registers in `registry`; null: in a private registry that is never scraped.
  explicit FeedMetrics(std::shared_ptr<prometheus::Registry> registry);

  // Records that a stream which was up to date read a page whose newest change was `age` old, by the database's clock.
  // Streams that catch up are not counted: they are as late as their consumer was.
  void ObserveLag(const dictionary::Entity& entity, std::chrono::microseconds age);

 private:
  const std::shared_ptr<prometheus::Registry> registry_;  // outlives the handles
  std::map<std::int16_t, prometheus::Histogram*> lags_;   // by entity; constant
};

}  // namespace journeyfeed::feed
