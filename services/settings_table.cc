#include "services/settings_table.h"

#include <type_traits>

#include "services/settings_text.h"

namespace journeyfeed {
namespace {

std::string CheckHostPort(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return "expected HOST:PORT";
  const auto port = ParseInteger(std::string_view(text).substr(colon + 1));
  return port && *port >= 0 && *port <= 65535 ? "" : "the port is not a number from 0 to 65535";
}

std::string CheckAddress(const std::string& text) {
  if (text.starts_with("unix:")) return text.size() > 5 ? "" : "expected unix:PATH";
  return CheckHostPort(text);
}

std::string CheckDatabaseUrl(const std::string& text) {
  const bool known = text.empty() || text.starts_with("postgresql://") || text.starts_with("postgres://") ||
                     text.find('=') != std::string::npos;
  return known ? "" : "expected postgresql://… or keyword=value pairs";
}

std::string CheckNotEmpty(const std::string& text) { return text.empty() ? "must not be empty" : ""; }

using S = Settings;

// clang-format off
constexpr SettingRow kRows[] = {
    // flag                    member                      default            min      max      placeholder  help
    {"address",                &S::address,                "127.0.0.1:50051", "",      "",      "HOST:PORT",
     "Where gRPC is served; port 0 takes a free one, unix:PATH a socket. There is no authentication yet.", false, CheckAddress},
    {"metrics-address",        &S::metrics_address,        "127.0.0.1:9464",  "",      "",      "HOST:PORT",
     "Where Prometheus finds /metrics; port 0 takes a free one.", false, CheckHostPort},
    {"data-dir",               &S::data_dir,               "journeyfeed-data", "",     "",      "DIR",
     "Directory of the private PostgreSQL that the server starts and owns; made on the first start.", false, CheckNotEmpty},
    {"database-url",           &S::database_url,           "",                "",      "",      "URL",
     "PostgreSQL to use instead of a private one. Prefer the variable: flags can be seen by other users.", true, CheckDatabaseUrl},
    {"read-database-url",      &S::read_database_url,      "",                "",      "",      "URL",
     "A streaming standby of the database: reads, queries and feeds go there while it keeps up.", true, CheckDatabaseUrl},
    {"port-file",              &S::port_file,              "",                "",      "",      "FILE",
     "Written when the server listens: JSON with the bound addresses and the process id."},
    {"log-level",              &S::log_level,              "info",            "",      "",      "LEVEL",
     "Lowest level of log lines: debug, info, warning or error. Answered calls are info."},
    {"max-message-bytes",      &S::max_message_bytes,      "16MiB",           "64KiB", "60MiB", "SIZE",
     "Largest request that holds a record or rows; of others 2MiB. Larger ones get RESOURCE_EXHAUSTED. Requests in flight use up to 16 times as much memory."},
    {"default-deadline",       &S::default_deadline,       "30s",             "100ms", "1h",    "DURATION",
     "Deadline of calls that come without one. Streams have none."},
    {"max-concurrent-streams", &S::max_concurrent_streams, "4096",            "1",     "1000000", "COUNT",
     "Most calls and streams at a time on one connection; more wait at the client."},
    {"stream-lifetime",        &S::stream_lifetime,        "30m",             "1s",    "24h",   "DURATION",
     "Mean life of a change stream, varied by a fifth; it then ends with its token and the client resumes."},
    {"feed-poll-interval",     &S::feed_poll_interval,     "250ms",           "10ms",  "1s",    "DURATION",
     "How often the change log is read when no notification comes."},
    {"feed-ring-bytes",        &S::feed_ring_bytes,        "64MiB",           "0",     "60GiB", "SIZE",
     "Newest changes that are kept for the streams that follow, so that one statement serves all of them; 0: each stream reads for itself."},
    {"feed-coalesce",          &S::feed_coalesce,          "12ms",            "0s",    "1s",    "DURATION",
     "How long changes are collected at most while many streams follow; a lone stream gets each commit at once."},
    {"feed-max-streams",       &S::feed_max_streams,       "20000",           "1",     "1000000", "COUNT",
     "Most change streams at a time; more get RESOURCE_EXHAUSTED with the time after which to try again."},
    {"feed-page-bytes",        &S::feed_page_bytes,        "64MiB",           "1MiB",  "60GiB", "SIZE",
     "Memory of the pages that loads and late streams hold; pages become smaller as it fills. Each stream may hold one record beyond it."},
    {"feed-stall-timeout",     &S::feed_stall_timeout,     "1m",              "1s",    "1h",    "DURATION",
     "A change stream whose consumer takes no message for so long is cut off; the consumer resumes from its last token."},
    {"read-lag-limit",         &S::read_lag_limit,         "10s",             "1s",    "10m",   "DURATION",
     "How far the read database may lag; beyond that the database answers in its place."},
    {"write-queue-limit",      &S::write_queue_limit,      "10000",           "1",     "1000000", "COUNT",
     "Most write calls that wait for the database, for each entity and size class; more get RESOURCE_EXHAUSTED."},
    {"write-connections",      &S::write_connections,      "2",               "1",     "16",    "COUNT",
     "Database connections that write. Two give nearly all of the throughput."},
    {"expected-replicas",      &S::expected_replicas,      "4",               "1",     "100",   "COUNT",
     "With database-url: the most servers that use it at a time, including the extra one of a rollout. Each takes its share of the lock table."},
    {"read-connections",       &S::read_connections,       "4",               "1",     "64",    "COUNT",
     "Database connections that read."},
    {"query-connections",      &S::query_connections,      "4",               "1",     "64",    "COUNT",
     "Database connections that run RetrieveMultiple; a slow query delays other queries only."},
    {"query-condition-limit",  &S::query_condition_limit,  "500",             "1",     "5000",  "COUNT",
     "Most conditions of one query."},
    {"aggregate-record-limit", &S::aggregate_record_limit, "50000",           "1",     "10000000", "COUNT",
     "Most records that one aggregation may read."},
    {"elastic-page-size",      &S::elastic_page_size,      "500",             "1",     "5000",  "COUNT",
     "Largest page of RetrieveMultiple on an elastic table (journey run sessions)."},
    {"standard-page-size",     &S::standard_page_size,     "5000",            "1",     "5000",  "COUNT",
     "Largest page of RetrieveMultiple on a standard table (customer journeys)."},
    {"journey-expiry",         &S::journey_expiry,         "720h",            "1s",    "87600h", "DURATION",
     "How long after its stop a customer journey becomes Expired; 720h is 30 days."},
    {"lifecycle-poll-interval", &S::lifecycle_poll_interval, "1s",            "10ms",  "1m",    "DURATION",
     "How often the server looks for customer journeys whose end or expiry has come. Going live and stopping do not wait for it."},
    {"statement-timeout",      &S::statement_timeout,      "10s",             "100ms", "10m",   "DURATION",
     "Longest time that one statement may take in the database."},
    {"log-retention",          &S::log_retention,          "7",               "0",     "365",   "DAYS",
     "How long the change log is kept: older tokens get EXPIRED_VERSION_STAMP. Use the same value on all replicas."},
    {"sweep-interval",         &S::sweep_interval,         "1s",              "0s",    "1m",    "DURATION",
     "How often one replica at a time looks for expired records; 0s: this server never does."},
    {"upkeep-interval",        &S::upkeep_interval,        "1m",              "1s",    "1h",    "DURATION",
     "How often partitions are made ahead, ended and removed."},
    {"disk-reserve",           &S::disk_reserve,           "256MiB",          "0",     "60GiB", "SIZE",
     "With data-dir: the server refuses writes while less of its disk is free, so that reads still work."},
    {"drain-lame-duck",        &S::drain_lame_duck,        "0s",              "0s",    "5m",    "DURATION",
     "After SIGTERM: how long calls are still accepted while health says NOT_SERVING, so that clients move away."},
    {"drain-grace",            &S::drain_grace,            "30s",             "0s",    "10m",   "DURATION",
     "After that: how long calls in flight and streams have to end."},
};
// clang-format on

template <typename Value>
std::string Limits(const SettingRow& row, std::optional<Value> value, std::optional<Value> (*parse)(std::string_view),
                   std::string_view expected) {
  if (!value) return std::string("expected ").append(expected);
  if (*value < *parse(row.min) || *value > *parse(row.max)) {
    return std::string("must be from ").append(row.min).append(" to ").append(row.max);
  }
  return "";
}

std::string Store(const SettingRow& row, const std::string& text, std::string& target) {
  target = text;
  return row.check ? row.check(text) : "";
}

std::string Store(const SettingRow& row, const std::string& text, std::int64_t& target) {
  const auto value = ParseInteger(text);
  target = value.value_or(0);
  return Limits(row, value, ParseInteger, "a whole number");
}

std::string Store(const SettingRow& row, const std::string& text, Duration& target) {
  const auto value = ParseDuration(text);
  target = value.value_or(Duration());
  return Limits(row, value, ParseDuration, "a duration like 250ms, 5s, 30m or 1h");
}

std::string Store(const SettingRow& row, const std::string& text, Bytes& target) {
  const auto value = ParseBytes(text);
  target = value.value_or(Bytes());
  return Limits(row, value, ParseBytes, "a size like 64KiB or 16MiB");
}

std::string Store(const SettingRow&, const std::string& text, LogLevel& target) {
  const auto value = ParseLogLevel(text);
  target = value.value_or(LogLevel::kInfo);
  return value ? "" : "expected debug, info, warning or error";
}

std::string Text(const std::string& value) { return value; }
std::string Text(std::int64_t value) { return std::to_string(value); }
std::string Text(Duration value) { return FormatDuration(value); }
std::string Text(Bytes value) { return FormatBytes(value); }
std::string Text(LogLevel value) { return std::string(LogLevelName(value)); }

}  // namespace

std::span<const SettingRow> SettingRows() { return kRows; }

std::string VariableName(std::string_view flag) {
  std::string name = "JOURNEYFEED_";
  for (const char c : flag) name.push_back(c == '-' ? '_' : static_cast<char>(c - 'a' + 'A'));
  return name;
}

std::string Assign(const SettingRow& row, const std::string& text, Settings& settings) {
  return std::visit([&](auto member) { return Store(row, text, settings.*member); }, row.member);
}

std::string Format(const SettingRow& row, const Settings& settings) {
  return std::visit([&](auto member) { return Text(settings.*member); }, row.member);
}

}  // namespace journeyfeed
