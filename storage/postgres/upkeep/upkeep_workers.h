// The workers that keep a served database in order: the periodic upkeep, and a sweeper for each entity whose records
// expire.
#pragma once

#include <memory>
#include <vector>

#include "storage/postgres/postgres_settings.h"
#include "storage/postgres/store_metrics.h"
#include "storage/postgres/upkeep/expiry_sweeper.h"
#include "storage/postgres/upkeep/upkeep.h"
#include "storage/postgres/write/write_parts.h"

namespace journeyfeed::postgres {

// One thread at a time.
class UpkeepWorkers {
 public:
  // `parts`: a sweeper writes. All references outlive this.
  UpkeepWorkers(const PostgresSettings& settings, const StoreMetrics& metrics, WriteParts parts)
      : settings_(settings), metrics_(metrics), parts_(std::move(parts)) {}

  // The workers begin at once; those of an earlier call end first. Precondition: the database is migrated.
  // `service_role`: see SweepOptions.
  void Start(bool service_role);
  // Waits for what the workers do now.
  void Stop();

 private:
  std::unique_ptr<ExpirySweeper> MakeSweeper(const dictionary::Entity& entity, bool service_role) const;

  const PostgresSettings& settings_;
  const StoreMetrics& metrics_;
  const WriteParts parts_;
  std::unique_ptr<Upkeep> upkeep_;
  std::vector<std::unique_ptr<ExpirySweeper>> sweepers_;
};

}  // namespace journeyfeed::postgres
