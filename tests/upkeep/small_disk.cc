#include "tests/upkeep/small_disk.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace journeyfeed::testing {

SmallDisk::SmallDisk(int mebibytes) {
  const std::string options = "mode=0711,size=" + std::to_string(mebibytes) + "m";
  if (::mount("journeyfeed-test", path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0)
    reason_ = std::string("a file system cannot be mounted here: ") + std::strerror(errno);
}

SmallDisk::~SmallDisk() {
  if (mounted()) ::umount2(path().c_str(), MNT_DETACH);
}

std::int64_t SmallDisk::Free() const {
  struct statvfs disk {};
  if (::statvfs(path().c_str(), &disk) != 0) throw std::runtime_error("no such disk");
  return static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
}

void SmallDisk::FillUpTo(std::int64_t left) const {
  const std::int64_t more = Free() - left;
  if (more <= 0) return;
  const int file = ::open((path() / "ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::int64_t has = ::lseek(file, 0, SEEK_END);
  const int failed = ::posix_fallocate(file, has, more);
  ::close(file);
  if (failed != 0) throw std::runtime_error("the disk cannot be filled");
}

void SmallDisk::Empty() const { std::filesystem::remove(path() / "ballast"); }

}  // namespace journeyfeed::testing
