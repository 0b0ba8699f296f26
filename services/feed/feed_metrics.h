// Measures how late changes are delivered, and the channels.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <map>
#include <memory>

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::feed {

// Of all channels of an entity.
struct ChannelMetrics {
  prometheus::Gauge* streams;   // that have joined
  prometheus::Gauge* bytes;     // of the pages that are kept
  prometheus::Counter* pages;   // that were read
  prometheus::Counter* breaks;  // ends of an epoch with streams
};

// Of the change streams of an entity.
struct StreamMetrics {
  prometheus::Counter* refused;  // too many were open
  prometheus::Counter* cut_off;  // their consumers took no message for too long
};

// Thread-safe.
class FeedMetrics {
 public:
  // Registers in `registry`; null: in a private registry that is never scraped.
  explicit FeedMetrics(std::shared_ptr<prometheus::Registry> registry);

  const ChannelMetrics& OfChannels(const dictionary::Entity& entity) const { return channels_.at(entity.id); }

  void CountRefusal(const dictionary::Entity& entity) { streams_.at(entity.id).refused->Increment(); }
  void CountCutOff(const dictionary::Entity& entity) { streams_.at(entity.id).cut_off->Increment(); }

  // Records that a stream which was up to date read a page whose newest change was `age` old, by the database's clock.
  // Streams that catch up are not counted: they are as late as their consumer was.
  void ObserveLag(const dictionary::Entity& entity, std::chrono::microseconds age);

 private:
  const std::shared_ptr<prometheus::Registry> registry_;  // outlives the handles
  std::map<std::int16_t, prometheus::Histogram*> lags_;   // by entity; constant
  std::map<std::int16_t, ChannelMetrics> channels_;       // by entity; constant
  std::map<std::int16_t, StreamMetrics> streams_;         // by entity; constant
};

}  // namespace journeyfeed::feed
