// A replica without a network: store, claims and publisher over one database, with a clock that the test sets.
#pragma once

#include <prometheus/registry.h>

#include <atomic>
#include <memory>
#include <string>

#include "services/customer_journey/lifecycle/publisher.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/read/due_journeys.h"

namespace journeyfeed::testing {

// 2030-06-01T12:00:00Z.
inline constexpr Timestamp kNoon{1'906'545'600'000'000};

struct ReplicaOptions {
  bool publishes = true;
  int batch = 256;
  std::chrono::milliseconds lock_timeout = std::chrono::seconds(2);
  // The tests' clock is ahead of the database's, which dates a stop: infinite unless a test is about expiry.
  std::chrono::milliseconds expire_after = std::chrono::hours(24 * 36500);
};

class Replica {
 public:
  // Returns when the store is ready.
  explicit Replica(const std::string& url, ReplicaOptions options = {});
  ~Replica();

  Store& store() { return store_; }
  const dictionary::Entity& entity() const;

  // Takes effect at once: the next poll finds everything that is due at `now`.
  void SetClock(Timestamp now) { now_ = now; }

  // Writes and waits for the outcome.
  WriteVerdict Write(WriteRequest call);
  // A counter of the publisher.
  double Steps(const std::string& to, const std::string& outcome) const;

 private:
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  std::atomic<Timestamp> now_ = kNoon;
  std::atomic<bool> ready_ = false;
  postgres::PostgresStore store_;
  postgres::DueJourneys due_;
  customer_journey::Publisher publisher_;
};

}  // namespace journeyfeed::testing
