// PostgreSQL's settings of the private cluster.
#pragma once

#include <string>
#include <vector>

#include "storage/embedded/cluster_home.h"
#include "storage/status.h"

namespace journeyfeed::embedded {

// Writes data/journeyfeed.conf (which postgresql.conf includes; the operator's own lines go below that) and who may
// connect: the operating system's users root, the owner and the server's own, over the socket, each as `postgres`. True
// when anything differs from what was there: a postmaster that is running then has other settings.
Result<bool> WriteClusterSettings(const ClusterHome& home);

// The arguments of `postgres`. What the server's promises hang on stands here, where no file can change it: no TCP, the
// socket where we look for it, our list of who may connect.
std::vector<std::string> PostgresArguments(const ClusterHome& home, const std::filesystem::path& socket_directory);

// For libpq. `database` must be a plain name.
std::string ConnectionString(const std::filesystem::path& socket_directory, const std::string& database);

}  // namespace journeyfeed::embedded
