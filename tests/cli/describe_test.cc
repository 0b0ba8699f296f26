#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/dictionary/dictionary.h"
#include "tests/cli/command_line.h"

namespace journeyfeed::cli::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST(Describe, ShowsColumnsOptionSetsAndMessagesOfAnEntity) {
  const Ran ran = Journeyctl(TheService().server, {"describe", "journey", "--output", "table"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Customer Journey (msdyncrm_customerjourney)"));
  EXPECT_THAT(ran.out,
              ContainsRegex("\nname +msdyncrm_name +Name +String +at most 100 +ApplicationRequired +Create, Update"));
  EXPECT_THAT(ran.out, ContainsRegex("\nsuppression_segment_id .* Lookup to msdyncrm_segment"));
  EXPECT_THAT(ran.out, ContainsRegex("\ncreated_on .* read-only"));
  EXPECT_THAT(ran.out, ContainsRegex("\nowning_team .* always null"));
  EXPECT_THAT(ran.out, ContainsRegex("192350000 +Draft +Active +Going Live; Expired"));
  EXPECT_THAT(ran.out, ContainsRegex("Create +yes +yes +POST /msdyncrm_customerjourneys"));
  EXPECT_THAT(ran.out, ContainsRegex("BulkRetain +yes +no"));
}

TEST(Describe, IsJsonForPrograms) {
  const Ran ran = Journeyctl(TheService().server, {"describe", "session"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  ASSERT_EQ(ran.lines().size(), 1u);
  EXPECT_EQ(ran.lines()[0]["table"]["logical_name"], "msdynmkt_journeyrunsession");
  EXPECT_EQ(ran.lines()[0]["attributes"][4]["column"]["max_length"], 1048575);
}

TEST(Describe, ListsAllEntities) {
  EXPECT_EQ(Journeyctl(TheService().server, {"describe"}).lines().size(), dictionary::AllEntities().size());
  const Ran ran = Journeyctl(TheService().server, {"describe"}, "", 80);
  EXPECT_THAT(ran.out, HasSubstr("msdynmkt_journeyrunsession"));
  EXPECT_THAT(ran.out, HasSubstr("msdyncrm_customerjourney"));
  EXPECT_EQ(Journeyctl(TheService().server, {"describe", "account"}).exit_code, 5);
}

}  // namespace
}  // namespace journeyfeed::cli::testing
