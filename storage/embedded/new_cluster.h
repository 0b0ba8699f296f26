// Makes the cluster's data directory, once.
#pragma once

#include <optional>

#include "storage/embedded/cluster_home.h"
#include "storage/embedded/installation.h"
#include "storage/embedded/process.h"
#include "storage/failure.h"

namespace journeyfeed::embedded {

// The major version that made the cluster; nothing if there is no cluster yet. A data directory that cannot be a
// cluster is an error.
Result<std::optional<int>> ClusterMajor(const ClusterHome& home);

// Makes the cluster with initdb, atomically for all observers: builds it beside its place and renames it into place.
// First removes what a killed attempt left. UTF8, sorted by code point (which no update of the C library changes),
// upper and lower case of all languages, checksums. The superuser is `postgres`. Precondition: there is no cluster, and
// the home is locked.
Result<void> MakeCluster(const ClusterHome& home, const Installation& installation, Clock::time_point deadline);

}  // namespace journeyfeed::embedded
