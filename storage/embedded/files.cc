#include "storage/embedded/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "storage/embedded/problem.h"

namespace journeyfeed::embedded {
namespace {

bool WriteAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// Only root can change owners, and only root needs to.
bool GiveTo(int descriptor, const OsUser& owner) {
  return ::geteuid() != 0 || ::fchown(descriptor, owner.uid, owner.gid) == 0;
}

// Keeps the directory's owner able to use the file after a server that ran as root.
void GiveToOwnerOf(const std::filesystem::path& directory, int descriptor) {
  struct stat found {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &found) != 0) return;
  [[maybe_unused]] const int given = ::fchown(descriptor, found.st_uid, found.st_gid);
}

}  // namespace

Result<void> MakePrivateDirectory(const std::filesystem::path& directory, const OsUser& owner) {
  const bool made = ::mkdir(directory.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return NeedsAction("cannot make directory " + directory.string() + Because());
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return NeedsAction("cannot open directory " + directory.string() + Because());
  struct stat found {};
  bool good = ::fstat(descriptor, &found) == 0;
  // Still root's: made just now, or by an attempt that was killed before this line. Other directories keep their owner.
  std::error_code unreadable;
  if (good && found.st_uid != owner.uid && found.st_uid == ::geteuid() &&
      std::filesystem::is_empty(directory, unreadable)) {
    good = GiveTo(descriptor, owner) && ::fstat(descriptor, &found) == 0;
  }
  const std::string because = good ? "" : Because();
  ::close(descriptor);
  if (!good) return NeedsAction("cannot give directory " + directory.string() + " to user " + owner.name + because);
  if (found.st_uid != owner.uid) {
    return NeedsAction("directory " + directory.string() + " belongs to another user than " + owner.name +
                       "; start the server as its owner or as root, or choose another data directory");
  }
  return {};
}

Result<void> WriteFile(const std::filesystem::path& file, std::string_view content, const OsUser& owner) {
  const std::string fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return NeedsAction("cannot write " + fresh + Because());
  const bool good = WriteAll(descriptor, content) && GiveTo(descriptor, owner) && ::fsync(descriptor) == 0 &&
                    ::rename(fresh.c_str(), file.c_str()) == 0;
  const std::string because = good ? "" : Because();
  ::close(descriptor);
  if (!good) return MayPass("cannot write " + file.string() + because);
  return {};
}

std::string ReadFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<FileLock> FileLock::TakeLock(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return NeedsAction("cannot open the lock file " + file.string() + Because());
  FileLock lock(descriptor);
  GiveToOwnerOf(file.parent_path(), descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = ReadFile(file);
    return NeedsAction("the data directory is in use by another server" +
                       (holder.empty() ? "" : " (process " + holder + ")") + ", which holds " + file.string() +
                       "; stop that one, or choose another data directory");
  }
  if (::ftruncate(descriptor, 0) != 0 || !WriteAll(descriptor, std::to_string(::getpid()))) {
    return MayPass("cannot write " + file.string() + Because());
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace journeyfeed::embedded
