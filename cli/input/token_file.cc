#include "cli/input/token_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "cli/input/file_io.h"

namespace journeyfeed::cli {
namespace {

constexpr std::size_t kLongestToken = 4096;

bool IsTokenCharacter(char c) { return c > 0x20 && c < 0x7F; }

// Returns 0 or an errno.
int WriteAndSync(const std::string& path, std::string_view content) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return errno;
  if (const int error = WriteAll(file.get(), content)) return error;
  return fsync(file.get()) == 0 ? 0 : errno;
}

}  // namespace

Outcome<std::string> TokenFile::Load() const {
  const FileDescriptor file(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return "";
  if (file.get() < 0) return std::unexpected(FileFailure("cannot read the token file " + path_, errno));
  std::string token;
  if (const int error = ReadAll(file.get(), kLongestToken + 1, token)) {
    return std::unexpected(FileFailure("cannot read the token file " + path_, error));
  }
  while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
  if (token.size() > kLongestToken || !std::ranges::all_of(token, IsTokenCharacter)) {
    return std::unexpected(UsageFailure(path_ + " does not contain a token and was not changed"));
  }
  return token;
}

Outcome<void> TokenFile::Save(std::string_view token) const {
  const std::string fresh = path_ + ".new";
  int error = WriteAndSync(fresh, std::string(token) + "\n");
  if (error == 0 && std::rename(fresh.c_str(), path_.c_str()) != 0) error = errno;
  if (error == 0) error = SyncFolderOf(path_);
  if (error != 0) return std::unexpected(FileFailure("cannot write the token file " + path_, error));
  return {};
}

}  // namespace journeyfeed::cli
