// The operating system's users: PostgreSQL refuses to run as root, so a server started as root runs it as another user.
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
  std::vector<gid_t> groups;  // every group, `gid` among them

  bool IsRoot() const { return uid == 0; }
};

// Nothing when the system knows no such user. They consult the name service: not between fork and exec.
std::optional<OsUser> FindUser(const std::string& name);
std::optional<OsUser> FindUser(uid_t uid);
std::optional<OsUser> CurrentUser();

// Gives up root for good: groups, group, user. True at once when this process is not root. Only system calls, so it is
// safe between fork and exec of a process with threads.
bool Become(const OsUser& user);

// Whether the user may enter the directory, every parent's permission included; decided by the kernel, in a child.
bool CanEnter(const OsUser& user, const std::filesystem::path& directory);

}  // namespace journeyfeed::embedded
