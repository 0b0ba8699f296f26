// Text for people: nothing in it controls the terminal, and columns are aligned.
#include "cli/output/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/output/display_text.h"
#include "cli/output/number_text.h"
#include "cli/output/record_table.h"
#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"

namespace journeyfeed::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(DisplayText, EscapesWhatSteers) {
  EXPECT_EQ(Escaped("a\n\t\r\x1b[31m\x7f"), "a\\n\\t\\r\\x1b[31m\\x7f");
  EXPECT_EQ(Escaped(std::string("nul\0", 4)), "nul\\x00");
  EXPECT_EQ(Escaped("\xC2\x9B"), "\\u009b");                   // a control sequence in one character
  EXPECT_EQ(Escaped("\u202Egpj\u2028"), "\\u202egpj\\u2028");  // changes the direction, ends a line
  EXPECT_EQ(Escaped("\xFF\xC3"), "\\xff\\xc3");                // not UTF-8
  EXPECT_EQ(Escaped("\xED\xA0\x80"), "\\xed\\xa0\\x80");       // a surrogate
  EXPECT_EQ(Escaped("é 日本 👍"), "é 日本 👍");
}

TEST(DisplayText, KnowsHowWideTextIs) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("日本語"), 6u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);  // combining
  EXPECT_EQ(DisplayWidth("👍"), 2u);
  EXPECT_EQ(DisplayWidth("한"), 2u);
  EXPECT_EQ(DisplayWidth("\u1112\u1161\u11AB"), 2u);  // the same, decomposed
  EXPECT_EQ(DisplayWidth("\u200D"), 0u);
  EXPECT_EQ(DisplayWidth("ａ"), 2u);  // full width
}

TEST(DisplayText, CutsBetweenCharacters) {
  EXPECT_EQ(Cut("abcdef", 6), "abcdef");
  EXPECT_EQ(Cut("abcdef", 4), "abc…");
  EXPECT_EQ(Cut("日本語", 5), "日本…");
  EXPECT_EQ(Cut("日本語", 4), "日…");  // never wider
  EXPECT_EQ(Cut("ae\u0301bc", 3), "ae\u0301…");
  EXPECT_EQ(Cut("abc", 1), "…");
  for (std::size_t width = 1; width < 12; ++width) {
    EXPECT_LE(DisplayWidth(Cut("e\u0301日👍abc日", width)), width) << width;
  }
}

TEST(NumberText, GroupsThousands) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(-1000), "-1,000");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
}

TEST(Table, ColumnsStandBelowEachOtherWhateverTheyHold) {
  const Table table{.columns = {{.heading = "Name"}, {.heading = "N", .right = true}, {.heading = "Last"}},
                    .rows = {{"日本", "1", "x"}, {"e\u0301", "22", "y"}, {"a\nb", "333", ""}}};
  EXPECT_THAT(LinesOf(LayOut(table, 0)),
              ElementsAre("Name    N  Last", "日本    1  x", "e\u0301      22  y", "a\\nb  333"));
}

TEST(Table, IsCutToTheTerminal) {
  const Table table{.columns = {{.heading = "Id", .whole = true}, {.heading = "Text"}, {.heading = "More"}},
                    .rows = {{std::string(36, 'i'), std::string(50, 't'), "短い日本語のテキスト"}}};
  for (const std::size_t width : {60u, 80u, 100u}) {
    for (const std::string& line : LinesOf(LayOut(table, width))) EXPECT_LE(DisplayWidth(line), width) << line;
    EXPECT_THAT(LayOut(table, width), HasSubstr(std::string(36, 'i')));
  }
  EXPECT_THAT(LayOut(table, 0), HasSubstr(std::string(50, 't')));
}

TEST(Table, WithoutRowsHasItsHeadings) {
  EXPECT_EQ(LayOut({.columns = {{.heading = "A"}, {.heading = "B"}}, .rows = {}}, 80), "A  B");
  EXPECT_EQ(LayOut({}, 80), "");
}

template <typename Record>
std::vector<std::unique_ptr<google::protobuf::Message>> Owned(const std::vector<Record>& records) {
  std::vector<std::unique_ptr<google::protobuf::Message>> owned;
  for (const Record& record : records) owned.push_back(std::make_unique<Record>(record));
  return owned;
}

TEST(RecordTable, HasLabelsReadableTimesAndIdsAsShortAsTheyAreTold) {
  using customerjourney::v1::CustomerJourney;
  CustomerJourney first, second;
  first.set_id("01a20114-c0f0-7000-8e95-55e68cae0e42");
  first.set_name("one");
  first.set_status_code(customerjourney::v1::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE);
  first.mutable_start_date_time()->set_seconds(1549711740);
  first.set_is_recurring(true);
  second.set_id("01a20114-c0f1-7000-8e95-55e68cae0e42");
  const auto& entity = dictionary::Describe(CustomerJourney::descriptor());
  const auto columns = FindColumns(entity, {"id", "msdyncrm_name", "statuscode", "start_date_time", "is_recurring"});
  const Table table = RecordTable(entity, columns, Owned<CustomerJourney>({first, second}), {});
  EXPECT_THAT(table.rows[0], ElementsAre("01a20114-c0f0", "one", "Going Live", "2019-02-09 11:29:00", "yes"));
  EXPECT_THAT(table.rows[1], ElementsAre("01a20114-c0f1", "", "", "", ""));
  EXPECT_EQ(RecordTable(entity, columns, Owned<CustomerJourney>({first}), {}).rows[0][0], "01a20114");
  EXPECT_EQ(RecordTable(entity, columns, Owned<CustomerJourney>({first}), {.whole_ids = true}).rows[0][0], first.id());
  EXPECT_EQ(RecordTable(entity, columns, Owned<CustomerJourney>({second}), {.leave_out_empty = true}).columns.size(),
            1u);
}

TEST(RecordTable, ShowsPartitionsWhenThereAreSome) {
  using journeyrunsession::v1::JourneyRunSession;
  JourneyRunSession own, other;
  own.set_id("01a20114-c0f0-7000-8e95-55e68cae0e42");
  own.set_partition_id(own.id());
  other.set_id(own.id());
  other.set_partition_id("p");
  const auto& entity = dictionary::Describe(JourneyRunSession::descriptor());
  const auto columns = FindColumns(entity, {"id", "partitionid"});
  EXPECT_EQ(RecordTable(entity, columns, Owned<JourneyRunSession>({own}), {}).columns.size(), 1u);
  EXPECT_EQ(RecordTable(entity, columns, Owned<JourneyRunSession>({own, other}), {}).rows[1][1], "p");
}

TEST(RecordTable, NamesTheGroupsOfAnAggregation) {
  google::protobuf::Struct row;
  (*row.mutable_fields())["statuscode"].set_number_value(192350001);
  (*row.mutable_fields())["n"].set_number_value(3);
  (*row.mutable_fields())["average"].set_number_value(0.5);
  const Table table = AggregateTable(dictionary::Describe(customerjourney::v1::CustomerJourney::descriptor()), {row});
  EXPECT_THAT(table.rows[0], ElementsAre("0.5", "3", "Live"));
  EXPECT_EQ(table.columns[2].heading, "Status Reason");
}

}  // namespace
}  // namespace journeyfeed::cli
