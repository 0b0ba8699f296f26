// DueWork on PostgreSQL: one session of its own, whose advisory locks are the claims.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "storage/due_work.h"
#include "storage/postgres/record_encoder.h"
#include "storage/postgres/worker_pool.h"

namespace journeyfeed::postgres {

class DueJourneys final : public DueWork {
 public:
  // Connects when it is first asked, and again after a lost connection. `stop` ends a call that waits.
  DueJourneys(const std::string& conninfo, std::chrono::milliseconds statement_timeout, std::stop_token stop = {});

  Result<DueBatch> Claim(const DueQuery& query) override;
  void Release() override;

 private:
  const std::chrono::milliseconds timeout_;  // of waiting for an answer
  const RecordEncoder encoder_;
  ReconnectingConnection connection_;
};

}  // namespace journeyfeed::postgres
