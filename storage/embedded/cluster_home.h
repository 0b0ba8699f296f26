// Where the cluster of a data directory lives on disk, and whose it is.
#pragma once

#include <filesystem>

#include "storage/embedded/os_user.h"
#include "storage/status.h"

namespace journeyfeed::embedded {

struct ClusterHome {
  std::filesystem::path path;  // canonical; a directory of `owner`, closed to everybody else
  OsUser owner;                // PostgreSQL runs as this user

  std::filesystem::path data() const { return path / "data"; }
  std::filesystem::path log() const { return path / "log"; }
};

// Finds or makes the home: DATA_DIR/postgres. For a server of root the owner is who owns it already, else `postgres`;
// where that user cannot reach DATA_DIR (below /root, say), the home is /var/lib/journeyfeed/<name>-<hash of the
// canonical path> and DATA_DIR/postgres a link to it, which is followed ever after. Precondition: `data_dir` is
// canonical and exists, and no other process does this for it at the same time.
Result<ClusterHome> FindClusterHome(const std::filesystem::path& data_dir);

// A directory for the socket that only the owner (and root) can reach and whose socket's path fits into the 107 bytes
// that the kernel allows: in the home, or below $TMPDIR (/tmp) when the home's path is too long or has characters that
// PostgreSQL's lists cannot hold. Always the same for the same home; made when it is not there.
Result<std::filesystem::path> SocketDirectory(const ClusterHome& home);

}  // namespace journeyfeed::embedded
