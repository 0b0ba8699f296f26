#include "cli/input/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace journeyfeed::cli {
namespace {

std::string Folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) close(number_);
}

int WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

int ReadAll(int file, std::size_t limit, std::string& text) {
  std::array<char, 1 << 16> part;
  while (limit > 0) {
    const ssize_t count = read(file, part.data(), std::min(part.size(), limit));
    if (count == 0) return 0;
    if (count > 0) {
      text.append(part.data(), static_cast<std::size_t>(count));
      limit -= static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

int SyncFolderOf(const std::string& path) {
  const FileDescriptor folder(open(Folder(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return errno;
  return fsync(folder.get()) == 0 ? 0 : errno;
}

Outcome<void> LineOutput::Write(std::string_view line) {
  std::string text(line);
  text += '\n';
  const int error = WriteAll(file_, text);
  if (error == EPIPE) return std::unexpected(ReaderGone());
  if (error != 0) return std::unexpected(FileFailure("cannot write the standard output", error));
  return {};
}

Outcome<void> LineOutput::Sync() {
  struct stat about {};
  const bool regular = fstat(file_, &about) == 0 && S_ISREG(about.st_mode);
  if (regular && fdatasync(file_) != 0) {
    return std::unexpected(FileFailure("cannot write the standard output", errno));
  }
  return {};
}

}  // namespace journeyfeed::cli
