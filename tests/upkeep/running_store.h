// The real store of a server, without the server: connected, sweeping and rotating.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "storage/postgres/postgres_store.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {

class RunningStore {
 public:
  // Waits until it is ready. Throws std::runtime_error if it does not become ready.
  explicit RunningStore(const FeedDatabase& database, postgres::PostgresSettings settings = {});
  ~RunningStore();

  // The value of a counter or gauge of the store that has all of `labels`; NaN if there is none.
  double Metric(const std::string& name, const std::map<std::string, std::string>& labels = {}) const;

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  std::atomic<bool> ready_ = false;
  std::unique_ptr<postgres::PostgresStore> store_;
};

}  // namespace journeyfeed::testing
