// The template cluster that every test's PostgreSQL is copied from.
#pragma once

#include "storage/embedded/cluster_home.h"
#include "storage/embedded/installation.h"

namespace journeyfeed::testing {

// Copies the template to home.data(), which must not exist. The first test on this machine makes it, under a lock.
// There is one per user and version, journeyfeed-test-template-* below TempRoot; it may be removed at any time. Throws
// std::runtime_error.
void CopyClusterTemplate(const embedded::ClusterHome& home, const embedded::Installation& installation);

// The user that runs test clusters: the current one, or `postgres` for root.
embedded::OsUser TestClusterOwner();

}  // namespace journeyfeed::testing
