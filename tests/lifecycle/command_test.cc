// journeyctl publish and stop with the real server: the outcome comes from the feed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <sstream>

#include "cli/run.h"
#include "tests/lifecycle/journeys.h"
#include "tests/support/files.h"

namespace journeyfeed::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;
};

Ran Journeyctl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"--address", TheService().server.process().address()});
  const TempDir directory;
  const std::string path = directory / "out";
  const int out = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  std::ostringstream errors;
  cli::Io io{.output = out, .errors = &errors, .termination = {}};
  Ran ran;
  ran.exit_code = cli::RunCommandLine(arguments, io);
  ::close(out);
  ran.out = ReadFile(path);
  ran.err = errors.str();
  return ran;
}

std::string Make(const journeys::CustomerJourney& journey) { return Create(TheService().server.channel(), journey); }

TEST(PublishCommand, WaitsUntilTheJourneyIsLiveAndStopUntilItIsStopped) {
  const std::string id = Make(ValidJourney());
  const std::string user = NewId();
  const Ran published = Journeyctl({"publish", id, "--user-id", user});
  EXPECT_EQ(published.exit_code, 0) << published.err;
  EXPECT_THAT(published.out, HasSubstr(R"("id":")" + id + R"(")"));
  EXPECT_THAT(published.out, HasSubstr(R"("status":"Live")"));
  EXPECT_THAT(published.out, HasSubstr(R"("published_by":")" + user + R"(")"));
  EXPECT_EQ(StatusOf(TheService().database_url, id), kLive);
  const Ran stopped = Journeyctl({"stop", "{" + id + "}"});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
  EXPECT_THAT(stopped.out, HasSubstr(R"("status":"Stopped")"));
  EXPECT_EQ(StatusOf(TheService().database_url, id), kStopped);
}

TEST(PublishCommand, PrintsTheFaultsOfAJourneyThatBecomesError) {
  const Ran published = Journeyctl({"publish", Make(SeedJourney())});
  EXPECT_EQ(published.exit_code, 9);
  EXPECT_THAT(published.out, IsEmpty());
  EXPECT_THAT(published.err, HasSubstr("the journey is Error, not Live"));
  EXPECT_THAT(published.err, HasSubstr("ErrorEndDateInPast"));
}

TEST(PublishCommand, SaysWhyTheServiceRefuses) {
  EXPECT_EQ(Journeyctl({"publish", NewId()}).exit_code, 5);
  const std::string id = Make(ValidJourney());
  const Ran stopped = Journeyctl({"stop", id});
  EXPECT_EQ(stopped.exit_code, 9);
  EXPECT_THAT(stopped.err, HasSubstr("INVALID_STATE_TRANSITION"));
  EXPECT_EQ(Journeyctl({"publish", id, "--if-match", "1000000"}).exit_code, 10);
  EXPECT_EQ(Journeyctl({"publish", "no id"}).exit_code, 64);
}

TEST(PublishCommand, EndsWhenItsPatienceDoesAndTheServiceGoesOn) {
  const std::string id = Make(ValidJourney());
  {
    const Hold hold(TheService().database_url, id);
    const Ran published = Journeyctl({"publish", id, "--wait", "1s"});
    EXPECT_EQ(published.exit_code, 4) << published.err;
    EXPECT_EQ(StatusOf(TheService().database_url, id), kGoingLive);
  }
  EXPECT_EQ(Journeyctl({"publish", id}).exit_code, 0) << "asking again is no transition";
}

}  // namespace
}  // namespace journeyfeed::testing
