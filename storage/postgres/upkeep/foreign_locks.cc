#include "storage/postgres/upkeep/foreign_locks.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto kInterval = 1s;
constexpr auto kHoldersTimeout = 5s;
constexpr auto kTellAgain = 30s;
// A blocker that was not seen for this long counts as a new one.
constexpr auto kForgotten = 5s;

// Ours are the connections of our role with our application name. A wait of less than 100 ms does not count.
const Statement kHolders{
    "foreign_locks",
    "with ours as materialized (select pid, wait_event_type, query_start from pg_stat_activity"
    " where datname = current_database() and application_name = 'journeyfeed'"
    " and usesysid = (select usesysid from pg_stat_activity where pid = pg_backend_pid()))"
    " select distinct holder.pid, coalesce(a.usename::text, '?'), coalesce(a.application_name, '')"
    " from ours cross join lateral unnest(pg_blocking_pids(ours.pid)) as holder (pid)"
    " left join pg_stat_activity a on a.pid = holder.pid"
    " where ours.wait_event_type = 'Lock' and ours.query_start < clock_timestamp() - interval '100 ms'"
    " and holder.pid not in (select pid from ours)"};

}  // namespace

void ForeignLocks::Poll(Connection& connection) {
  const auto now = Clock::now();
  if (now < look_at_) return;
  look_at_ = now + kInterval;
  // A failure concerns the watching connection: its next step handles it.
  const auto holders = connection.Execute(kHolders, {}, ResultFormat::kBinary, kHoldersTimeout);
  for (int i = 0; holders && i < PQntuples(holders->get()); ++i) Note(Row(holders->get(), i), now);
  std::erase_if(sightings_, [&](const auto& entry) { return now - entry.second.last > kForgotten; });
  auto longest = 0s;
  for (const auto& [pid, sighting] : sightings_) {
    // A blocker that was just seen for the first time has blocked for some time already.
    longest = std::max(longest, std::chrono::ceil<std::chrono::seconds>(now - sighting.first) + 1s);
  }
  longest_.Set(static_cast<double>(longest.count()));
}

void ForeignLocks::Note(const Row& holder, Clock::time_point now) {
  const std::int32_t pid = holder.Int4(0);
  const auto [entry, first] = sightings_.try_emplace(pid, Sighting{now, now, {}});
  Sighting& sighting = entry->second;
  sighting.last = now;
  if (!first && now - sighting.told < kTellAgain) return;
  sighting.told = now;
  spdlog::warn(
      "a foreign connection holds a lock that the service waits for: process {}, role {}, application \"{}\","
      " since {} s or more; pg_terminate_backend({}) ends it",
      pid, holder.Text(1).value_or(""), holder.Text(2).value_or(""),
      std::chrono::duration_cast<std::chrono::seconds>(now - sighting.first).count(), pid);
}

}  // namespace journeyfeed::postgres
