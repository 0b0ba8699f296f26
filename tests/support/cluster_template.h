// The cluster that every test's PostgreSQL is copied from.
#pragma once

#include "storage/embedded/cluster_home.h"
#include "storage/embedded/installation.h"

namespace journeyfeed::testing {

// Copies it to home.data(), which must not exist. Made by the first test on this machine that asks, under a lock; one
// for each user and version, journeyfeed-test-template-* below TempRoot, which may be removed at any time. Throws
// std::runtime_error.
void CopyClusterTemplate(const embedded::ClusterHome& home, const embedded::Installation& installation);

// The user that test clusters run as: this one, for root `postgres`.
embedded::OsUser TestClusterOwner();

}  // namespace journeyfeed::testing
