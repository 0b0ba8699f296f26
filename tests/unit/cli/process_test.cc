// What only a separate process shows: signals, a pipe without a reader, a kill.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "cli/input/file_io.h"
#include "tests/support/eventually.h"
#include "tests/support/files.h"
#include "tests/unit/cli/fake_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using journeyfeed::testing::Eventually;
using journeyfeed::testing::ReadFile;
using journeyfeed::testing::TempDir;

using Request = FakeSessions::Request;
using Writer = FakeSessions::Writer;

// Sends numbered changes, one per message, after the token, as fast as they are read.
grpc::Status Count(int, const Request& request, Writer& writer, grpc::ServerContext&) {
  int version = request.data_version().empty() ? 0 : std::stoi(request.data_version().substr(1));
  while (writer.Write(Changes(version + 1, version + 1))) ++version;
  return grpc::Status::OK;
}

class Process : public ::testing::Test {
 protected:
  Process() { service_.sessions.stream = Count; }

  Arguments WatchArguments() const {
    return {"watch", "session", "--address", service_.address, "--token-file", folder_ / "token"};
  }
  int OpenOutput() const { return open((folder_ / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600); }
  std::string token() const { return ReadFile(folder_ / "token"); }

  // The versions in all complete lines of the output.
  std::vector<int> Versions() const {
    std::vector<int> versions;
    std::istringstream text(ReadFile(folder_ / "out"));
    for (std::string line; std::getline(text, line);) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (!json.is_discarded()) versions.push_back(json["version_number"]);
    }
    return versions;
  }

  TempDir folder_;
  FakeService service_;
};

TEST_F(Process, ASignalEndsAWatchInOrderWithItsTokenSaved) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const FileDescriptor out(OpenOutput());
    const std::size_t before = Versions().size();
    CliProcess process(WatchArguments(), out.get(), folder_ / "err");
    ASSERT_TRUE(Eventually([&] { return Versions().size() > before + 10; }));
    process.Signal(signal);
    EXPECT_EQ(process.Wait(), 0);
    EXPECT_EQ(token(), "t" + std::to_string(Versions().back()) + "\n");
    EXPECT_EQ(ReadFile(folder_ / "err"), "");
  }
  const std::vector<int> versions = Versions();
  for (std::size_t i = 0; i < versions.size(); ++i) ASSERT_EQ(versions[i], static_cast<int>(i) + 1);
}

TEST_F(Process, ASignalEndsAWatchThatHasNothingToDo) {
  std::atomic<bool> called = false;
  service_.sessions.stream = [&](int, const Request&, Writer&, grpc::ServerContext& context) {
    called = true;
    AwaitCancel(context);
    return grpc::Status::OK;
  };
  const FileDescriptor out(OpenOutput());
  CliProcess process(WatchArguments(), out.get(), folder_ / "err");
  ASSERT_TRUE(Eventually([&] { return called.load(); }));
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 0);
}

// After kills at any moment some lines are repeated, and none is missing.
TEST_F(Process, AKilledWatchGoesOnWithoutAGap) {
  for (int round = 0; round < 5; ++round) {
    const FileDescriptor out(OpenOutput());
    const std::size_t before = Versions().size();
    CliProcess process(WatchArguments(), out.get(), folder_ / "err");
    ASSERT_TRUE(Eventually([&] { return Versions().size() > before + 20; }));
    process.Signal(SIGKILL);
    EXPECT_EQ(process.Wait(), 128 + SIGKILL);
    // The repeated line completes what a kill cut off.
    (void)WriteAll(out.get(), "\n");
  }
  std::vector<int> versions = Versions();
  std::ranges::sort(versions);
  const auto repeated = std::ranges::unique(versions);
  versions.erase(repeated.begin(), repeated.end());
  for (std::size_t i = 0; i < versions.size(); ++i) ASSERT_EQ(versions[i], static_cast<int>(i) + 1);
  EXPECT_LE(std::stoi(token().substr(1)), versions.back());
}

TEST_F(Process, AReaderThatWentAwayIsNoError) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  CliProcess process(WatchArguments(), ends[1], folder_ / "err");
  close(ends[1]);
  char first = 0;
  ASSERT_EQ(read(ends[0], &first, 1), 1);
  close(ends[0]);
  EXPECT_EQ(process.Wait(), 0);
  EXPECT_EQ(ReadFile(folder_ / "err"), "");
}

TEST_F(Process, AFullDiskIsAnError) {
  const FileDescriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_GE(full.get(), 0);
  CliProcess process(WatchArguments(), full.get(), folder_ / "err");
  EXPECT_EQ(process.Wait(), 74);
  EXPECT_EQ(ReadFile(folder_ / "err"), "journeyctl: cannot write the standard output: No space left on device\n");
  EXPECT_EQ(token(), "");
}

}  // namespace
}  // namespace journeyfeed::cli::testing
