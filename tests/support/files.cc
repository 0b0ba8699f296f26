#include "tests/support/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace journeyfeed::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "journeyfeed-test-dir-";

// Held for as long as the descriptor is open; -1 when another process holds it or the directory is not ours to open.
int Lock(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0 || ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

// A minute protects a directory between its making and its lock.
bool IsOld(int descriptor) {
  struct stat found {};
  return ::fstat(descriptor, &found) == 0 && found.st_ctime + 60 < std::time(nullptr);
}

bool RemoveWhatCrashedTestsLeft() {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/tmp", ignored)) {
    if (!entry.path().filename().string().starts_with(kPrefix)) continue;
    const int lock = Lock(entry.path());
    if (lock < 0) continue;
    if (IsOld(lock)) fs::remove_all(entry.path(), ignored);
    ::close(lock);
  }
  return true;
}

}  // namespace

TempDir::TempDir() {
  [[maybe_unused]] static const bool once = RemoveWhatCrashedTestsLeft();
  std::string name = "/tmp/" + std::string(kPrefix) + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory under /tmp");
  path_ = name;
  fs::permissions(path_, fs::perms(0711));  // the user that a server of root runs PostgreSQL as passes through
  lock_ = Lock(path_);
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteFile(const fs::path& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace journeyfeed::testing
