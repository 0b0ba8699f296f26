#include "cli/input/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

namespace journeyfeed::cli {
namespace {

CommandFailure CannotWrite(const std::string& path, int error) { return FileFailure("cannot write " + path, error); }

// The target of a link, or the path itself if nothing exists yet.
std::string Resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), &std::free);
  return real ? real.get() : path;
}

}  // namespace

Outcome<WholeFile> WholeFile::Open(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return std::unexpected(CannotWrite(path, errno));
    return WholeFile(path, "", file);
  }
  const std::string target = Resolved(path);
  std::string draft = target + ".XXXXXX";
  const int file = mkostemp(draft.data(), O_CLOEXEC);
  if (file < 0) return std::unexpected(CannotWrite(path, errno));
  return WholeFile(target, std::move(draft), file);
}

WholeFile::WholeFile(WholeFile&& other) noexcept
    : path_(std::move(other.path_)), draft_(std::exchange(other.draft_, "")), file_(std::exchange(other.file_, -1)) {}

WholeFile::~WholeFile() {
  if (file_ >= 0) close(file_);
  if (!draft_.empty()) unlink(draft_.c_str());
}

CommandFailure WholeFile::Broken(int error) const { return CannotWrite(path_, error); }

Outcome<void> WholeFile::Write(std::string_view text) {
  const int error = WriteAll(file_, text);
  if (error == EPIPE) return std::unexpected(ReaderGone());
  if (error != 0) return std::unexpected(Broken(error));
  return {};
}

Outcome<void> WholeFile::Commit() {
  if (draft_.empty()) return {};
  if (fsync(file_) != 0) return std::unexpected(Broken(errno));
  if (std::rename(draft_.c_str(), path_.c_str()) != 0) return std::unexpected(Broken(errno));
  draft_.clear();
  if (const int error = SyncFolderOf(path_)) return std::unexpected(Broken(error));
  return {};
}

}  // namespace journeyfeed::cli
