#include "tests/upkeep/rotator.h"

#include <stdexcept>

namespace journeyfeed::testing {

using namespace std::chrono_literals;
using postgres::Connection;

bool Rotator::Round(double days, int retention_days) {
  if (!session_ || !session_->usable()) {
    session_.reset();
    auto opened = postgres::OpenOwnerSession(database_.url());
    if (!opened) return false;
    session_ = *std::move(opened);
  }
  const std::int64_t now =
      std::stoll(database_.Ask("select (extract(epoch from clock_timestamp()) * 1000000)::bigint"));
  const postgres::RotationSettings settings{
      .log_retention_days = retention_days,
      .now = Timestamp{now + static_cast<std::int64_t>(days * 24 * 3600 * 1'000'000)}};
  return postgres::Rotate(*session_, settings, metrics_).has_value();
}

std::string Rotator::Partitions() const {
  return database_.Ask(
      "select string_agg(substr(c.relname, 25) || case when i.inhdetachpending then '!' else '' end, ' ' order by"
      " c.relname) from pg_inherits i join pg_class c on c.oid = i.inhrelid"
      " where i.inhparent = 'journeyfeed.journey_run_session_log'::regclass");
}

std::int64_t Rotator::Removed() const {
  return std::stoll(database_.Ask("select removed from journeyfeed.feed_floor where entity = 1"));
}

OpenReader::OpenReader(const FeedDatabase& database, const std::string& statement) {
  auto opened = Connection::Open(database.url(), "-c application_name=reader", 10s);
  if (!opened) throw std::runtime_error(opened.error().message);
  session_ = *std::move(opened);
  for (const std::string& each : {std::string("begin"), statement}) {
    if (auto done = session_->ExecuteOnce(each, {}, postgres::ResultFormat::kText, 10s); !done)
      throw std::runtime_error(done.error().message);
  }
}

}  // namespace journeyfeed::testing
