// Every setting of the server. Each is one member here and one row in settings_table.cc: flag, environment variable,
// default, limits, help, secret or not. A flag wins over the environment, the environment over the default.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "services/logging.h"

namespace journeyfeed {

using Duration = std::chrono::milliseconds;

struct Bytes {
  std::int64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

// Checked effective values. ReadInvocation makes them; without arguments and environment they are the defaults.
struct Settings {
  std::string address;            // "host:port" (port 0: any free one) or "unix:path"
  std::string metrics_address;    // "host:port"
  std::string data_dir;           // of the private PostgreSQL; empty if database_url is given
  std::string database_url;       // empty: private PostgreSQL in data_dir
  std::string read_database_url;  // of a streaming standby; empty: none
  std::string port_file;          // empty: none
  LogLevel log_level = LogLevel::kInfo;

  Bytes max_message_bytes;
  Duration default_deadline{};
  std::int64_t max_concurrent_streams = 0;  // of one connection
  Duration stream_lifetime{};               // mean; each stream lives up to a fifth longer or shorter
  Duration feed_poll_interval{};
  Bytes feed_ring_bytes;
  Duration feed_coalesce{};
  std::int64_t feed_max_streams = 0;
  Bytes feed_page_bytes;
  Duration feed_stall_timeout{};
  Duration read_lag_limit{};

  std::int64_t write_queue_limit = 0;  // calls per lane
  std::int64_t write_connections = 0;
  std::int64_t expected_replicas = 0;  // servers over one database_url
  std::int64_t read_connections = 0;
  std::int64_t query_connections = 0;
  Duration statement_timeout{};

  std::int64_t query_condition_limit = 0;
  std::int64_t aggregate_record_limit = 0;
  std::int64_t elastic_page_size = 0;   // records
  std::int64_t standard_page_size = 0;  // records

  std::int64_t log_retention = 0;  // days
  Duration sweep_interval{};       // zero: this server does not sweep
  Duration upkeep_interval{};
  Bytes disk_reserve;
  Duration journey_expiry{};           // from Stopped to Expired
  Duration lifecycle_poll_interval{};  // of timers of journeys

  Duration drain_lame_duck{};
  Duration drain_grace{};
};

// A setting with its origin, for people.
struct EffectiveSetting {
  std::string flag;
  std::string value;   // "(hidden)" for secrets
  std::string origin;  // "default", "flag --address", "environment JOURNEYFEED_ADDRESS"
};

// What the command line requests.
struct Invocation {
  enum class Action { kRun, kHelp, kVersion, kPrintConfig, kOpenHistory, kTokenKeys };
  Action action = Action::kRun;
  std::string database;    // kOpenHistory: the name as confirmation; empty: only show the histories
  std::string key_change;  // kTokenKeys: the change; empty: only show the keys
  Settings settings;
  std::vector<EffectiveSetting> effective;
};

// Name and value of each environment variable.
using Environment = std::vector<std::pair<std::string, std::string>>;

// `arguments` excludes the program's name. Fails with all problems at once: unknown flags and JOURNEYFEED_* variables,
// malformed and senseless values, settings that exclude each other. Ignores variables that Kubernetes makes for a
// Service named journeyfeed….
std::expected<Invocation, std::vector<std::string>> ReadInvocation(const std::vector<std::string>& arguments,
                                                                   const Environment& environment);

// The process's environment.
Environment ProcessEnvironment();

// The texts of --help, --version and --print-config.
std::string HelpText();
std::string VersionText();
std::string ConfigText(const Invocation& invocation);

}  // namespace journeyfeed
