// From the settings of the server to those of its components. A component has defaults for use without a server; a test
// holds them equal to those of settings_table.cc.
#pragma once

#include <string>

#include "services/customer_journey/lifecycle/publisher.h"
#include "services/entity/query_settings.h"
#include "services/feed/feed.h"
#include "services/metrics.h"
#include "services/settings.h"
#include "storage/postgres/postgres_store.h"

namespace journeyfeed {

// `conninfo`: of the database in use, the private one or that of the settings.
postgres::PostgresSettings StoreSettings(const Settings& settings, std::string conninfo, const Metrics& metrics);

entity_service::QuerySettings QueryLimits(const Settings& settings);

feed::FeedSettings FeedLimits(const Settings& settings);

customer_journey::PublisherSettings PublisherLimits(const Settings& settings);

}  // namespace journeyfeed
