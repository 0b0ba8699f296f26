// What a test makes the services of the entities from, as main.cc makes it.
#pragma once

#include <memory>
#include <utility>

#include "services/entity/entity_service_parts.h"

namespace journeyfeed::testing {

// Declare it after the store, and before the services and the server, which are destroyed first then.
struct OwnedServiceParts {
  explicit OwnedServiceParts(Store& served, const call::StreamLifetimeSettings& settings = {},
                             std::shared_ptr<prometheus::Registry> registry = nullptr,
                             const feed::FeedSettings& feed_settings = {})
      : store(served),
        tokens(feed::MakeTokenCodec(store)),
        lifetime(settings),
        feed(lifetime, store, timer, feed_settings, std::move(registry)) {}

  entity_service::EntityServiceParts References() {
    return {.store = store, .tokens = tokens, .lifetime = lifetime, .feed = feed, .timer = timer};
  }

  Store& store;
  const feed::TokenCodec tokens;
  call::StreamLifetime lifetime;
  Timer timer{"timer"};
  feed::Feed feed;
};

}  // namespace journeyfeed::testing
