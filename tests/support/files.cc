#include "tests/support/files.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace journeyfeed::testing {
namespace {

namespace fs = std::filesystem;

// Reads names until its input ends, then removes the directories with these names. Retries, because processes that are
// just ending may still write there, and a file system may be mounted.
constexpr char kClean[] =
    "while IFS= read -r name; do set -- \"$@\" \"$name\"; done\n"
    "for attempt in 1 2 3 4 5 6 7 8 9 10; do\n"
    "  [ $# = 0 ] || umount -l -- \"$@\"\n"
    "  rm -rf -- \"$@\" && break\n"
    "  sleep 0.2\n"
    "done";

// A process that removes directories when this process has ended, however it ends. It survives a kill of this process
// with its children.
class Janitor {
 public:
  Janitor() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const pid_t starter = ::fork();
    if (starter == 0) Start(ends[0]);
    ::close(ends[0]);
    names_ = ends[1];
    ::waitpid(starter, nullptr, 0);
  }

  void Expect(const fs::path& directory) const {
    const std::string line = directory.string() + "\n";
    [[maybe_unused]] const auto written = ::write(names_, line.data(), line.size());
  }

 private:
  // Between fork and exec other threads may hold any lock: only system calls are allowed.
  [[noreturn]] static void Start(int names) {
    ::setsid();
    if (::fork() != 0) ::_exit(0);
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(names, STDIN_FILENO);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    ::execl("/bin/sh", "sh", "-c", kClean, static_cast<char*>(nullptr));
    ::_exit(127);
  }

  int names_ = -1;  // open until the process ends
};

}  // namespace

fs::path TempRoot() { return fs::absolute(fs::temp_directory_path()); }

TempDir::TempDir() {
  static const Janitor janitor;
  std::string name = TempRoot() / "journeyfeed-test-dir-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory " + name);
  path_ = name;
  janitor.Expect(path_);
  fs::permissions(path_, fs::perms(0711));  // so that the user that runs PostgreSQL for a root server can pass through
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
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
