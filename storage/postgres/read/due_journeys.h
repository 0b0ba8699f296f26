// DueWork on PostgreSQL: one dedicated connection, whose advisory locks are the claims.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "storage/due_work.h"
#include "storage/postgres/connection/worker_pool.h"
#include "storage/postgres/sql/record_encoder.h"

namespace journeyfeed::postgres {

class DueJourneys final : public DueWork {
 public:
  // Connects at the first call, and again after a loss. `stop` ends a call that waits.
  DueJourneys(const std::string& conninfo, std::chrono::milliseconds statement_timeout, std::stop_token stop = {});

  Result<DueBatch> Claim(const DueQuery& query) override;
  void Release() override;

 private:
  const std::chrono::milliseconds timeout_;  // for an answer
  const RecordEncoder encoder_;
  ReconnectingConnection connection_;
};

}  // namespace journeyfeed::postgres
