// The stream marks the end of a client call between its last change and the next one, wherever pages end and whatever
// part of the call is shown.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

constexpr int kSizes[] = {1, 2, 3, 1000};

// The contents of a stream in order: the names of changes, and "end" for each mark.
using Told = std::vector<std::string>;

void Add(const sessions::RetrieveEntityChangesResponse& message, const std::map<std::string, std::string>& names,
         Told& told) {
  for (const auto& change : message.changes()) {
    const bool removed = change.has_removed_item();
    told.push_back((removed ? "-" : "") +
                   names.at(removed ? change.removed_item().id() : change.new_or_updated_entity().id()));
    if (change.call_end()) told.emplace_back("end");
  }
  if (message.call_end()) told.emplace_back("end");
}

// Whether a call end was marked between two successive changes.
bool EndsBetween(const Told& told, const std::string& first, const std::string& second) {
  const auto from = std::ranges::find(told, first);
  const auto to = std::find(from, told.end(), second);
  if (to == told.end()) {
    ADD_FAILURE() << second << " does not come after " << first << ": " << ::testing::PrintToString(told);
    return false;
  }
  return std::find(from, to, "end") != to;
}

// Records have names of one letter.
class CallEnds : public ::testing::Test {
 protected:
  std::string Id(const std::string& name) {
    for (const auto& [id, known] : names_) {
      if (known == name) return id;
    }
    const std::string id = NewId();
    names_[id] = name;
    return id;
  }
  // One call that creates records, each "name" or "name partition".
  void CreateTogether(const std::vector<std::string>& records) {
    sessions::CreateMultipleRequest request;
    for (const std::string& record : records) {
      auto& target = *request.add_targets();
      target = Parse<sessions::JourneyRunSession>(kSession);
      target.set_id(Id(record.substr(0, 1)));
      if (record.size() > 2) target.set_partition_id(record.substr(2));
    }
    const auto created = Sessions().Send(&sessions::JourneyRunSessionService::Stub::CreateMultiple, request);
    ASSERT_TRUE(created.ok()) << created.ending;
    ASSERT_EQ(created->failed_count(), 0);
  }
  // The contents of one stream, or of streams that end after each change and are resumed.
  Told Read(const std::string& token, int size, const std::string& more, bool resumed) {
    Told told;
    std::string at = token;
    for (bool going_on = true; going_on;) {
      SessionChanges stream(TheService().server.channel(), "data_version: " + Quote(at) +
                                                               " max_changes_per_message: " + std::to_string(size) +
                                                               " " + more + (resumed ? " max_changes: 1" : ""));
      going_on = false;
      for (const auto& message : stream.ReadAll()) {
        Add(message, names_, told);
        going_on = resumed && message.more_records();
        at = message.data_token();
      }
      EXPECT_TRUE(stream.End().ok()) << stream.End();
    }
    return told;
  }
  // Checks for a mark between each two of `shown`, which belong to different calls, and for no other marks.
  void ExpectEnds(const std::string& token, const std::vector<std::string>& shown, const std::string& more = "") {
    for (const int size : kSizes) {
      for (const bool resumed : {false, true}) {
        const Told told = Read(token, size, more, resumed);
        for (std::size_t i = 0; i + 1 < shown.size(); ++i) {
          EXPECT_TRUE(EndsBetween(told, shown[i], shown[i + 1]))
              << "pages of " << size << (resumed ? ", resumed: " : ": ") << ::testing::PrintToString(told);
        }
      }
    }
  }

  std::map<std::string, std::string> names_;
};

TEST_F(CallEnds, WhenTheLastRowWasSuperseded) {
  const std::string token = SessionHead();
  CreateTogether({"A", "B"});
  CreateTogether({"C"});
  ASSERT_TRUE(Sessions().Update(Target(Id("B"), "name: 'x'")).ok());
  ExpectEnds(token, {"A", "C", "B"});
}

TEST_F(CallEnds, WhenTheLastRowWasDeleted) {
  const std::string token = SessionHead();
  CreateTogether({"A", "B", "D"});
  CreateTogether({"C"});
  ASSERT_TRUE(Sessions().Delete(Target(Id("D"))).ok());
  ASSERT_TRUE(Sessions().Delete(Target(Id("B"))).ok());
  ExpectEnds(token, {"A", "C", "-D", "-B"});
}

TEST_F(CallEnds, WhenTheLastRowsAreOfAnotherPartition) {
  const std::string partition = "partition_id: 'here'";
  const std::string token = SessionHead(TheService().server.channel(), partition);
  CreateTogether({"A here", "X there", "Y there"});
  CreateTogether({"Z there"});
  CreateTogether({"W there", "C here"});
  CreateTogether({"V there", "U there"});
  CreateTogether({"E here"});
  ExpectEnds(token, {"A", "C", "E"}, partition);
}

TEST_F(CallEnds, WhenFewColumnsAreAskedFor) {
  const std::string columns = "columns { paths: 'name' }";
  const std::string token = SessionHead(TheService().server.channel(), columns);
  CreateTogether({"A", "B"});
  CreateTogether({"C"});
  ASSERT_TRUE(Sessions().Update(Target(Id("B"), "name: 'x'")).ok());
  ExpectEnds(token, {"A", "C", "B"}, columns);
}

// No mark inside a call: the changes of a call that pages cut stay together.
TEST_F(CallEnds, NotWithinACall) {
  const std::string token = SessionHead();
  CreateTogether({"A", "B", "C"});
  ASSERT_TRUE(Sessions().Update(Target(Id("B"), "name: 'x'")).ok());
  for (const int size : kSizes) {
    for (const bool resumed : {false, true}) {
      EXPECT_FALSE(EndsBetween(Read(token, size, "", resumed), "A", "C")) << size << " " << resumed;
    }
  }
  ExpectEnds(token, {"C", "B"});
}

// One more message for a call that is cut, not one for each following call of others.
TEST_F(CallEnds, WithOneMessage) {
  const std::string partition = "partition_id: 'once'";
  const std::string token = SessionHead(TheService().server.channel(), partition);
  CreateTogether({"A once", "X other"});
  CreateTogether({"P other", "p other"});
  CreateTogether({"Q other", "q other"});
  CreateTogether({"R other", "r other"});
  CreateTogether({"C once"});
  SessionChanges stream(TheService().server.channel(),
                        "data_version: " + Quote(token) + " max_changes_per_message: 1 " + partition);
  int without = 0;
  for (const auto& message : stream.ReadAll()) without += message.changes_size() == 0 ? 1 : 0;
  EXPECT_EQ(without, 1);
}

// A progress message describes its token.
TEST_F(CallEnds, AtTheTokenOfProgress) {
  CreateTogether({"A"});
  SessionChanges stream(TheService().server.channel(),
                        "skip_initial_load: true follow: true progress_interval { nanos: 100000000 }");
  for (int i = 0; i < 3; ++i) {
    const auto message = stream.Next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->changes_size(), 0);
    EXPECT_TRUE(message->call_end()) << i;
    EXPECT_TRUE(message->consistent()) << i;
  }
}

}  // namespace
}  // namespace journeyfeed::testing
