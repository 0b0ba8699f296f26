#include "storage/embedded/cluster_home.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "storage/embedded/files.h"
#include "storage/embedded/problem.h"
#include "storage/types.h"

namespace journeyfeed::embedded {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCommonRoot = "/var/lib/journeyfeed";
constexpr std::size_t kLongestSocketPath = 107;
constexpr std::string_view kSocketName = "/.s.PGSQL.5432.lock";  // the longest name that PostgreSQL makes there

std::string HashOf(const fs::path& path) {
  const std::string hex = Uuid::FromName(path.string()).ToString();
  return hex.substr(0, 8) + hex.substr(9, 4);
}

bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-").contains(c);
  });
}

bool FitsASocket(const fs::path& directory) {
  return IsPlain(directory.string()) && directory.string().size() + kSocketName.size() <= kLongestSocketPath;
}

// Below $TMPDIR if PostgreSQL's user can use it, else below /tmp.
fs::path ShortDirectory(const ClusterHome& home) {
  const std::string name = "journeyfeed-" + std::to_string(home.owner.uid) + "-" + HashOf(home.path);
  std::error_code none;
  const fs::path chosen = fs::temp_directory_path(none) / name;
  const bool serves =
      !none && chosen.is_absolute() && FitsASocket(chosen) && CanEnter(home.owner, chosen.parent_path());
  return serves ? chosen : fs::path("/tmp") / name;
}

Result<OsUser> OwnerOfNewCluster() {
  if (::geteuid() == 0) {
    if (auto user = FindUser("postgres")) return *user;
    return NeedsAction(
        "PostgreSQL does not run as root, and there is no user `postgres` to run it as; install the package "
        "postgresql, or start the server as an ordinary user");
  }
  if (auto user = CurrentUser()) return *user;
  return NeedsAction("user id " + std::to_string(::geteuid()) +
                     " has no name on this machine, which PostgreSQL needs; add it to /etc/passwd");
}

// The owner of the existing home; if root still owns it, the owner of a new one.
Result<OsUser> OwnerOf(const fs::path& home) {
  struct stat found {};
  if (::stat(home.c_str(), &found) != 0) return NeedsAction("cannot look at " + home.string() + Because());
  if (found.st_uid == 0 || ::geteuid() != 0) return OwnerOfNewCluster();
  if (auto user = FindUser(found.st_uid)) return *user;
  return NeedsAction(home.string() + " belongs to user id " + std::to_string(found.st_uid) +
                     ", which has no name on this machine");
}

Result<ClusterHome> Prepare(const fs::path& home, const OsUser& owner) {
  if (auto made = MakePrivateDirectory(home, owner); !made) return std::unexpected(made.error());
  if (!CanEnter(owner, home)) {
    return NeedsAction("user " + owner.name + ", whom PostgreSQL runs as, cannot reach " + home.string() +
                       "; open the directories above it to that user (chmod o+x), or move the data directory");
  }
  return ClusterHome{home, owner};
}

Result<ClusterHome> Existing(const fs::path& link) {
  std::error_code error;
  const fs::path home = fs::canonical(link, error);
  if (error) {
    return NeedsAction(link.string() + " leads to a cluster that no longer exists" +
                       "; bring it back, or remove the link to begin with an empty database");
  }
  auto owner = OwnerOf(home);
  if (!owner) return std::unexpected(owner.error());
  return Prepare(home, *owner);
}

Result<ClusterHome> Elsewhere(const fs::path& data_dir, const fs::path& link, const OsUser& owner) {
  if (::mkdir(kCommonRoot, 0755) != 0 && errno != EEXIST) {
    return NeedsAction("cannot make directory " + std::string(kCommonRoot) + Because());
  }
  ::chmod(kCommonRoot, 0755);  // undo the umask
  const std::string name = IsPlain(data_dir.filename().string()) ? data_dir.filename().string() : "data";
  const fs::path target = fs::path(kCommonRoot) / (name + "-" + HashOf(data_dir));
  auto home = Prepare(target, owner);
  if (!home) return home;
  std::error_code error;
  fs::create_symlink(target, link, error);
  if (error) return NeedsAction("cannot make the link " + link.string() + ": " + error.message());
  return home;
}

}  // namespace

Result<ClusterHome> FindClusterHome(const fs::path& data_dir) {
  const fs::path home = data_dir / "postgres";
  std::error_code absent;
  if (fs::exists(fs::symlink_status(home, absent))) return Existing(home);
  auto owner = OwnerOfNewCluster();
  if (!owner) return std::unexpected(owner.error());
  if (!CanEnter(*owner, data_dir)) return Elsewhere(data_dir, home, *owner);
  return Prepare(home, *owner);
}

Result<fs::path> SocketDirectory(const ClusterHome& home) {
  fs::path directory = home.path / "socket";
  if (!FitsASocket(directory)) directory = ShortDirectory(home);
  if (auto made = MakePrivateDirectory(directory, home.owner); !made) return std::unexpected(made.error());
  return directory;
}

}  // namespace journeyfeed::embedded
