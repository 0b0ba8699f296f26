#include "storage/embedded/cluster_settings.h"

#include <string_view>

#include "storage/embedded/files.h"

namespace journeyfeed::embedded {
namespace {

constexpr std::string_view kSettings = R"(# Written by journeyfeed-server at every start: changes made here are lost.
# Your own settings belong into postgresql.conf, below the line that includes this file.

cluster_name = 'journeyfeed'
max_connections = 100
max_prepared_transactions = 0
# One advisory lock per key in flight (512 rows a batch, several batches) beside the ordinary locks.
max_locks_per_transaction = 256

shared_buffers = 128MB
max_wal_size = 1GB
checkpoint_completion_target = 0.9
wal_level = replica
wal_compression = lz4
default_toast_compression = lz4
random_page_cost = 1.1
jit = off

# An acknowledged write survives a crash.
fsync = on
full_page_writes = on
synchronous_commit = on
commit_delay = 0

# A write holds the feed's lock until it commits: a session that dawdles in a transaction stops all writers.
idle_in_transaction_session_timeout = 30s

timezone = 'UTC'
log_timezone = 'UTC'
# One file for each day of the week, emptied when the day comes round again.
logging_collector = on
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] %q%a '
# No statement, parameter or row ever reaches the log: sessions and definitions are the callers' data.
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
)";

constexpr std::string_view kAccess = R"(# Written by journeyfeed-server at every start.
local all         all peer map=journeyfeed
local replication all peer map=journeyfeed
)";

std::string AccessMap(const OsUser& owner) {
  std::string text = "# Written by journeyfeed-server at every start.\njourneyfeed root postgres\n";
  for (const auto& user : {std::optional(owner), CurrentUser()}) {
    if (user) text += "journeyfeed \"" + user->name + "\" postgres\n";
  }
  return text;
}

// Quotes for PostgreSQL's files ('' for a quote) and for libpq (\' for a quote).
std::string Quoted(std::string_view text, char escape_quote) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += escape_quote;
    if (c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::filesystem::path AccessFile(const ClusterHome& home) { return home.data() / "journeyfeed_hba.conf"; }
std::filesystem::path AccessMapFile(const ClusterHome& home) { return home.data() / "journeyfeed_ident.conf"; }

}  // namespace

Result<bool> WriteClusterSettings(const ClusterHome& home) {
  const std::string settings = std::string(kSettings) + "log_directory = " + Quoted(home.log().string(), '\'') + "\n";
  const std::pair<std::filesystem::path, std::string> files[] = {
      {home.data() / "journeyfeed.conf", settings},
      {AccessFile(home), std::string(kAccess)},
      {AccessMapFile(home), AccessMap(home.owner)},
  };
  bool changed = false;
  for (const auto& [file, content] : files) {
    if (ReadFile(file) == content) continue;
    if (auto written = WriteFile(file, content, home.owner); !written) return std::unexpected(written.error());
    changed = true;
  }
  return changed;
}

std::vector<std::string> PostgresArguments(const ClusterHome& home, const std::filesystem::path& socket_directory) {
  return {"-D",        home.data().string(),
          "-c",        "listen_addresses=",
          "-c",
          "port=5432",  // only a part of the socket's name
          "-c",        "unix_socket_directories=" + socket_directory.string(),
          "-c",        "unix_socket_permissions=0700",
          "-c",        "hba_file=" + AccessFile(home).string(),
          "-c",        "ident_file=" + AccessMapFile(home).string()};
}

std::string ConnectionString(const std::filesystem::path& socket_directory, const std::string& database) {
  return "host=" + Quoted(socket_directory.string(), '\\') + " port=5432 user=postgres dbname=" + database;
}

}  // namespace journeyfeed::embedded
