// The operating system's users. PostgreSQL refuses to run as root, so a server that runs as root starts it as another
// user.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace journeyfeed::embedded {

struct OsUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // every group, including `gid`

  bool IsRoot() const { return uid == 0; }
};

// Return nothing if the system knows no such user. They ask the name service: do not call them between fork and exec.
std::optional<OsUser> FindUser(const std::string& name);
std::optional<OsUser> FindUser(uid_t uid);
std::optional<OsUser> CurrentUser();

// Gives up root permanently: groups, group, user. Returns true at once if this process is not root. Uses only system
// calls, so it is safe between fork and exec in a process with threads.
bool Become(const OsUser& user);

// Whether the user may enter the directory, given the permissions of all its parents. The kernel decides, in a child
// process.
bool CanEnter(const OsUser& user, const std::filesystem::path& directory);

}  // namespace journeyfeed::embedded
