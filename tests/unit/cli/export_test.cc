// `export`: a file exists completely or not at all.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/cli/fake_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using journeyfeed::testing::ReadFile;
using journeyfeed::testing::TempDir;

class ExportCommand : public ::testing::Test {
 protected:
  ExportCommand() {
    service_.journeys.query = [this](const auto& request, auto& response) {
      auto& record = *response.add_entities();
      record.set_name("n" + request.page_token());
      const int page = request.page_token().empty() ? 0 : std::stoi(request.page_token());
      if (page == fails_at_) return MakeError(grpc::StatusCode::INTERNAL, "UNEXPECTED", "no");
      if (page == stops_at_) stop_.request_stop();
      if (page < 4) response.set_next_page_token(std::to_string(page + 1));
      return grpc::Status::OK;
    };
  }

  Ran Journeyctl(Arguments arguments) {
    arguments.insert(arguments.end(), {"--address", service_.address});
    return RunCli(arguments, "", stop_.get_token());
  }

  FakeService service_;
  TempDir folder_;
  std::stop_source stop_;
  int fails_at_ = -1;
  int stops_at_ = -1;
};

TEST_F(ExportCommand, WritesALineForEachRecord) {
  const Ran ran = Journeyctl({"export", "journey"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.lines().size(), 5u);
  ASSERT_EQ(Journeyctl({"export", "journey", folder_ / "out"}).exit_code, 0);
  EXPECT_EQ(ReadFile(folder_ / "out"), ran.out);
  EXPECT_EQ(Journeyctl({"export", "journey", "--output", "table"}).exit_code, 64);
}

TEST_F(ExportCommand, LeavesTheOldFileWhenItFailsOrIsInterrupted) {
  journeyfeed::testing::WriteFile(folder_ / "out", "old");
  const auto files = [&] { return std::distance(std::filesystem::directory_iterator(folder_.path()), {}); };
  const auto before = files();
  fails_at_ = 3;
  EXPECT_EQ(Journeyctl({"export", "journey", folder_ / "out"}).exit_code, 13);
  fails_at_ = -1;
  stops_at_ = 2;
  const Ran ran = Journeyctl({"export", "journey", folder_ / "out"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err, "journeyctl: interrupted after 3 records: the export is incomplete\n");
  EXPECT_EQ(ReadFile(folder_ / "out"), "old");
  EXPECT_EQ(files(), before);
}

}  // namespace
}  // namespace journeyfeed::cli::testing
