// Makes the cluster's data directory, once.
#pragma once

#include <optional>

#include "storage/embedded/cluster_home.h"
#include "storage/embedded/installation.h"
#include "storage/embedded/process.h"
#include "storage/status.h"

namespace journeyfeed::embedded {

// The major version that made the cluster; nothing when there is none yet. A data directory that cannot be one is an
// error.
Result<std::optional<int>> ClusterMajor(const ClusterHome& home);

// Makes the cluster with initdb, in one step as far as anybody can see: it is built beside its place and renamed into
// it, and what a killed attempt has left is removed first. UTF8, sorted by code point (which no update of the C library
// changes), upper and lower case of all languages, checksums. The superuser is `postgres`. Precondition: there is none,
// and the home is locked.
Result<void> MakeCluster(const ClusterHome& home, const Installation& installation, Clock::time_point deadline);

}  // namespace journeyfeed::embedded
