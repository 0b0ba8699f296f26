#include "storage/postgres/upkeep/upkeep.h"

#include <spdlog/spdlog.h>

#include "storage/base/guarded.h"
#include "storage/postgres/schema/migrator.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kSampleInterval = 10s;
constexpr auto kStatementTimeout = 20s;

// Size and age of a log: bytes, partitions, seconds.
std::string LogSample(const dictionary::Entity& entity) {
  const std::string log = "journeyfeed." + entity.table + "_log";
  return "select coalesce(sum(pg_total_relation_size(i.inhrelid)), 0)::bigint, count(*)::bigint,"
         " coalesce(extract(epoch from clock_timestamp() - (select logged_at from " +
         log + " order by seq limit 1)), 0)::float8 from pg_inherits i where i.inhparent = '" + log + "'::regclass";
}

constexpr char kLockWaiters[] =
    "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'journeyfeed'"
    " and wait_event_type = 'Lock'";

}  // namespace

Upkeep::Upkeep(UpkeepSettings settings, const StoreMetrics& metrics)
    : settings_(std::move(settings)),
      metrics_(metrics),
      worker_("upkeep", [this](const std::stop_token& stop) { return Work(stop); }) {}

Upkeep::~Upkeep() = default;

Worker::Clock::time_point Upkeep::Work(const std::stop_token& stop) {
  if (Clock::now() >= round_at_) {
    metrics_.upkeep().rounds->Increment();
    bool done = false;
    if (!Guarded("upkeep", [&] { done = Round(stop); })) session_.reset();
    if (done) {
      metrics_.upkeep().last_success->SetToCurrentTime();
    } else {
      metrics_.upkeep().errors->Increment();
    }
    round_at_ = Clock::now() + settings_.interval;
  }
  if (!Guarded("upkeep", [&] { Sample(stop); })) session_.reset();
  return std::min(round_at_, Clock::now() + kSampleInterval);
}

bool Upkeep::Round(std::stop_token stop) {
  if (auto maintained = Maintain(settings_.conninfo, stop); !maintained) {
    spdlog::warn("upkeep: {}", maintained.error().message);
    return false;
  }
  Connection* const session = Session(std::move(stop));
  return session != nullptr && Rotate(*session, settings_.rotation, metrics_).has_value();
}

void Upkeep::Sample(std::stop_token stop) {
  Connection* const session = Session(std::move(stop));
  if (session == nullptr) return;
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const auto sampled = session->ExecuteOnce(LogSample(*entity), {}, ResultFormat::kBinary, kStatementTimeout);
    if (!sampled) return;
    const Row row(sampled->get(), 0);
    const LogMetrics& log = metrics_.Of(*entity).log;
    log.bytes->Set(static_cast<double>(row.Int8(0)));
    log.partitions->Set(static_cast<double>(row.Int8(1)));
    log.oldest_age->Set(row.Float8(2));
  }
  const auto waiting = session->ExecuteOnce(kLockWaiters, {}, ResultFormat::kBinary, kStatementTimeout);
  if (waiting) metrics_.upkeep().lock_waiters->Set(static_cast<double>(Row(waiting->get(), 0).Int8(0)));
}

Connection* Upkeep::Session(std::stop_token stop) {
  if (session_ && session_->Alive()) return session_.get();
  session_.reset();
  if (auto opened = OpenOwnerSession(settings_.conninfo, std::move(stop))) session_ = *std::move(opened);
  return session_.get();
}

}  // namespace journeyfeed::postgres
