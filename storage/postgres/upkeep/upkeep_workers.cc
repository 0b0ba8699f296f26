#include "storage/postgres/upkeep/upkeep_workers.h"

#include "storage/postgres/connection/connection_options.h"
#include "storage/postgres/connection/sql_state.h"

namespace journeyfeed::postgres {

void UpkeepWorkers::Start(bool service_role) {
  Stop();
  upkeep_ = std::make_unique<Upkeep>(UpkeepSettings{.conninfo = settings_.conninfo,
                                                    .interval = settings_.upkeep_interval,
                                                    .rotation = {.log_retention_days = settings_.log_retention_days}},
                                     metrics_);
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    if (!entity->elastic || settings_.sweep_interval.count() == 0) continue;
    sweepers_.push_back(MakeSweeper(*entity, service_role));
  }
}

void UpkeepWorkers::Stop() {
  sweepers_.clear();
  upkeep_.reset();
}

std::unique_ptr<ExpirySweeper> UpkeepWorkers::MakeSweeper(const dictionary::Entity& entity, bool service_role) const {
  return std::make_unique<ExpirySweeper>(
      entity,
      SweeperSettings{.conninfo = settings_.conninfo,
                      .options = SweepOptions(settings_, service_role),
                      .interval = settings_.sweep_interval,
                      .on_commit = parts_.on_commit,
                      .admit = [this](Connection& connection) { return parts_.history.Admit(connection); },
                      .may_write = [this] { return !parts_.disk.Refusal(); }},
      BatchEnvironment{
          .timeout = kSweepTimeout + kAnswerGrace,
          .repair = [this](const dictionary::Entity&, const SqlError& error) { parts_.repair.RepairAfter(error); },
          .report = LogFailedStatement},
      metrics_.Of(entity).sweeper);
}

}  // namespace journeyfeed::postgres
