#include "cli/output/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/output/load_progress.h"
#include "tests/unit/cli/fake_service.h"

namespace journeyfeed::cli::testing {
namespace {

using ::testing::HasSubstr;

journey::CustomerJourney Live() {
  journey::CustomerJourney record;
  record.set_id("6628bbf7-c52a-e911-a9b7-000d3a1e6adc");
  record.set_name("a\x1b[0m");
  record.set_status_code(journey::CUSTOMER_JOURNEY_STATUS_CODE_LIVE_EDITABLE);
  record.set_is_recurring(false);
  record.set_workflow_definition(std::string(199, 'x') + "\xC3\xA9" + std::string(100, 'y'));
  return record;
}

const dictionary::Entity& Journey() { return dictionary::Describe(journey::CustomerJourney::descriptor()); }

TEST(Output, ATableHasLabelsAndCutsLongTexts) {
  const std::string text = RecordText(Journey(), Live(), {.format = Format::kTable});
  EXPECT_THAT(text, HasSubstr("Live, Editable (192350003)"));
  EXPECT_THAT(text, ::testing::ContainsRegex("Is Recurring +no"));
  EXPECT_THAT(text, HasSubstr(std::string(199, 'x') + "... (300 characters)"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("\x1b")));
}

TEST(Output, JsonIsOneLineUnlessItIsToBePretty) {
  const std::string line = RecordText(Journey(), Live(), {});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_THAT(line, HasSubstr(R"("statuscode":192350003)"));
  const std::string pretty = RecordText(Journey(), Live(), {.pretty = true});
  EXPECT_THAT(pretty, HasSubstr("\n  \"statuscode\": 192350003"));
}

ChangeMessage Loading(std::int64_t done, std::int64_t estimated) {
  ChangeMessage message{.phase = entity::v1::CHANGE_PHASE_INITIAL_LOAD};
  message.progress.emplace();
  message.progress->set_rows_done(done);
  message.progress->set_rows_estimated(estimated);
  return message;
}

TEST(LoadProgress, ShowsRowsShareAndRateAndGoesWhenTheLoadEnds) {
  std::ostringstream terminal;
  LoadProgress progress(&terminal);
  const auto start = LoadProgress::Clock::now();
  progress.Show(Loading(1'000, 10'000), start);
  EXPECT_THAT(terminal.str(), HasSubstr("initial load: 1,000 of about 10,000 rows (10 %)"));
  progress.Show(Loading(2'000, 10'000), start + std::chrono::milliseconds(100));
  EXPECT_THAT(terminal.str(), ::testing::Not(HasSubstr("2,000")));
  progress.Show(Loading(6'000, 10'000), start + std::chrono::seconds(2));
  EXPECT_THAT(terminal.str(), HasSubstr("6,000 of about 10,000 rows (60 %), 2,500/s"));
  progress.Show(Loading(11'000, 10'000), start + std::chrono::seconds(4));
  EXPECT_THAT(terminal.str(), HasSubstr("initial load: 11,000 rows, 2,500/s"));
  progress.Show({.phase = entity::v1::CHANGE_PHASE_CHANGES}, start + std::chrono::seconds(5));
  EXPECT_TRUE(terminal.str().ends_with("\r\x1b[K"));
}

TEST(LoadProgress, WithoutATerminalShowsNothing) {
  LoadProgress progress(nullptr);
  progress.Show(Loading(1, 2));
}

}  // namespace
}  // namespace journeyfeed::cli::testing
