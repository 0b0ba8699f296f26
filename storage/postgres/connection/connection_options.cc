#include "storage/postgres/connection/connection_options.h"

#include <algorithm>

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

// How long a batch of many calls waits for a foreign lock, in milliseconds: all of its calls wait with the blocked one.
constexpr char kSharedPatience[] = " -c journeyfeed.lock_patience=250";

std::string BaseOptions(const PostgresSettings& settings, bool service_role) {
  std::string options = "-c jit=off -c default_transaction_isolation=read\\ committed";
  options += " -c client_min_messages=warning -c idle_in_transaction_session_timeout=10s -c timezone=UTC";
  options += " -c statement_timeout=" + std::to_string(settings.statement_timeout.count());
  options += " -c lock_timeout=" + std::to_string(settings.lock_timeout.count());
  if (service_role) options += " -c role=journeyfeed_service";
  return options;
}

}  // namespace

// A plan made for an empty table must not scan a full one.
std::string ReadOptions(const PostgresSettings& settings, bool service_role) {
  return BaseOptions(settings, service_role) + " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off";
}

// Callers' queries are all different: PostgreSQL plans each for its own values, so that it looks a rare value up and
// scans for a frequent one. It keeps a generic plan only where that costs no more.
std::string QueryOptions(const PostgresSettings& settings, bool service_role) {
  return BaseOptions(settings, service_role) + " -c plan_cache_mode=auto";
}

// A batch finds its rows one by one through the key.
std::string WriteOptions(const PostgresSettings& settings, bool service_role, BatchOf batch) {
  const char* const patience = batch == BatchOf::kManyCalls ? kSharedPatience : "";
  return ReadOptions(settings, service_role) + " -c enable_hashjoin=off -c enable_mergejoin=off" + patience;
}

// A process that stands still must lose the right to sweep: its idle connection ends.
std::string SweepOptions(const PostgresSettings& settings, bool service_role) {
  const auto idle = std::max<std::chrono::milliseconds>(10s, 3 * settings.sweep_interval);
  return WriteOptions(settings, service_role, BatchOf::kManyCalls) +
         " -c statement_timeout=" + std::to_string(kSweepTimeout.count()) +
         " -c idle_session_timeout=" + std::to_string(idle.count());
}

// A notification is a hint: its commit need not be durable.
std::string WatchOptions(const PostgresSettings& settings) {
  return ReadOptions(settings, false) + " -c synchronous_commit=off";
}

}  // namespace journeyfeed::postgres
