#include "storage/embedded/os_user.h"

#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace journeyfeed::embedded {
namespace {

std::vector<gid_t> GroupsOf(const passwd& entry) {
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));  // the call has returned how many there are
    ::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count);
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

template <typename Lookup>
std::optional<OsUser> Find(Lookup lookup) {
  std::array<char, 16384> buffer;
  passwd entry{};
  passwd* found = nullptr;
  lookup(&entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return std::nullopt;
  return OsUser{found->pw_name, found->pw_uid, found->pw_gid, GroupsOf(*found)};
}

}  // namespace

std::optional<OsUser> FindUser(const std::string& name) {
  return Find([&](auto... out) { ::getpwnam_r(name.c_str(), out...); });
}

std::optional<OsUser> FindUser(uid_t uid) {
  return Find([&](auto... out) { ::getpwuid_r(uid, out...); });
}

std::optional<OsUser> CurrentUser() { return FindUser(::geteuid()); }

bool Become(const OsUser& user) {
  if (::geteuid() != 0) return true;
  return ::setgroups(user.groups.size(), user.groups.data()) == 0 && ::setgid(user.gid) == 0 && ::setuid(user.uid) == 0;
}

bool CanEnter(const OsUser& user, const std::filesystem::path& directory) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(Become(user) && ::chdir(directory.c_str()) == 0 ? 0 : 1);
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace journeyfeed::embedded
