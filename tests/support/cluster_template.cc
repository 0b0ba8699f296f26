#include "tests/support/cluster_template.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "storage/embedded/command.h"
#include "storage/embedded/files.h"
#include "storage/embedded/new_cluster.h"
#include "tests/support/files.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::testing {
namespace {

namespace fs = std::filesystem;
using embedded::Clock;
using embedded::ClusterHome;

constexpr auto kMakeLimit = std::chrono::seconds(60);
// Increased whenever the arguments of initdb change.
constexpr auto kGeneration = "1";

// Waits for other tests that make the template. The kernel releases the lock when the process ends.
class Turn {
 public:
  explicit Turn(const fs::path& directory)
      : descriptor_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (::flock(descriptor_, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + directory.string());
  }
  ~Turn() { ::close(descriptor_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  int descriptor_;
};

}  // namespace

embedded::OsUser TestClusterOwner() {
  const auto owner = ::geteuid() == 0 ? embedded::FindUser("postgres") : embedded::CurrentUser();
  if (!owner) throw std::runtime_error("no user to run PostgreSQL as");
  return *owner;
}

void CopyClusterTemplate(const ClusterHome& home, const embedded::Installation& installation) {
  const ClusterHome source{TempRoot() / ("journeyfeed-test-template-" + std::to_string(home.owner.uid) + "-" +
                                         std::to_string(installation.major) + "-" + kGeneration),
                           home.owner};
  OrThrow(embedded::MakePrivateDirectory(source.path, source.owner));
  {
    const Turn turn(source.path);
    if (!fs::exists(source.data())) OrThrow(embedded::MakeCluster(source, installation, Clock::now() + kMakeLimit));
  }
  const embedded::Command copy{{"/bin/cp", "-a", "--reflink=auto", source.data().string(), home.data().string()},
                               home.owner};
  const auto outcome = OrThrow(embedded::RunCommand(copy, Clock::now() + kMakeLimit));
  if (outcome.exit_code != 0) throw std::runtime_error("cannot copy " + source.data().string() + ": " + outcome.output);
}

}  // namespace journeyfeed::testing
