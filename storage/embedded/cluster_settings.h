// The PostgreSQL settings of the private cluster.
#pragma once

#include <string>
#include <vector>

#include "storage/embedded/cluster_home.h"
#include "storage/failure.h"

namespace journeyfeed::embedded {

// Writes data/journeyfeed.conf (which postgresql.conf includes; an operator's own settings go below that) and the list
// of users that may connect: the operating system's users root, the owner and the server's own, over the socket, each
// as `postgres`. Returns true if anything changed: a running postmaster then has other settings.
Result<bool> WriteClusterSettings(const ClusterHome& home);

// The arguments of `postgres`. They hold the settings that the server's promises depend on, because no file can change
// them: no TCP, the socket where we look for it, our list of users.
std::vector<std::string> PostgresArguments(const ClusterHome& home, const std::filesystem::path& socket_directory);

// A libpq connection string. `database` must be a plain name.
std::string ConnectionString(const std::filesystem::path& socket_directory, const std::string& database);

}  // namespace journeyfeed::embedded
