// How late changes are.
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
  // Registers in `registry`; null: in one of its own that nobody reads.
  explicit FeedMetrics(std::shared_ptr<prometheus::Registry> registry);

  // A stream that was up to date read a page; its newest change was that old then, by the database's clock. Streams
  // that catch up are not counted: they are as late as their consumer was.
  void ObserveLag(const dictionary::Entity& entity, std::chrono::microseconds age);

 private:
  const std::shared_ptr<prometheus::Registry> registry_;  // outlives the handles
  std::map<std::int16_t, prometheus::Histogram*> lags_;   // by entity; constant
};

}  // namespace journeyfeed::feed
