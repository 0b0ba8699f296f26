// The place of a data directory's cluster on disk, and its owner.
#pragma once

#include <filesystem>

#include "storage/embedded/os_user.h"
#include "storage/failure.h"

namespace journeyfeed::embedded {

struct ClusterHome {
  std::filesystem::path path;  // canonical; owned by `owner`, closed to all other users
  OsUser owner;                // PostgreSQL runs as this user

  std::filesystem::path data() const { return path / "data"; }
  std::filesystem::path log() const { return path / "log"; }
};

// Finds or makes the home: DATA_DIR/postgres. For a server that runs as root the owner is the existing owner, else
// `postgres`. If that user cannot reach DATA_DIR (below /root, for example), the home is
// /var/lib/journeyfeed/<name>-<hash of the canonical path>, and DATA_DIR/postgres is a link to it, which is followed
// from then on. Precondition: `data_dir` is canonical and exists, and no other process does this for it at the same
// time.
Result<ClusterHome> FindClusterHome(const std::filesystem::path& data_dir);

// A directory for the socket that only the owner (and root) can reach. The socket's path fits into the 107 bytes that
// the kernel allows: the directory is in the home, or below $TMPDIR (/tmp) if the home's path is too long or has
// characters that PostgreSQL's lists cannot hold. Always the same for the same home; made if missing.
Result<std::filesystem::path> SocketDirectory(const ClusterHome& home);

}  // namespace journeyfeed::embedded
