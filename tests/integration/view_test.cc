// A token for a list of columns, used with all columns: its holder gets the missing columns of every record.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

// Every column except these, as a list.
template <typename Record>
std::string Without(const std::set<std::string>& left_out) {
  std::string text = "columns {";
  const auto* descriptor = Record::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    if (!left_out.contains(descriptor->field(i)->name())) text += " paths: '" + descriptor->field(i)->name() + "'";
  }
  return text + " } ";
}

const std::string& PriorList() {
  static const std::string list = Without<sessions::JourneyRunSession>({"import_sequence_number"});
  return list;
}

// The copy of a consumer that applies a stream blindly.
struct Copy {
  std::map<std::string, sessions::JourneyRunSession> records;
  std::string token;
  bool loaded = false;  // some message was of a load
  int changes = 0;

  explicit Copy(const std::shared_ptr<grpc::Channel>& server) : server_(server) {}

  void Read(const std::string& request) {
    SessionChanges stream(server_, request);
    loaded = false;
    changes = 0;
    for (const auto& message : stream.ReadAll()) {
      loaded = loaded || message.phase() == entity::v1::CHANGE_PHASE_INITIAL_LOAD;
      for (const auto& change : message.changes()) {
        ++changes;
        if (change.has_removed_item()) {
          records.erase(change.removed_item().id());
        } else {
          records[change.new_or_updated_entity().id()] = change.new_or_updated_entity();
        }
      }
    }
    EXPECT_TRUE(stream.End().ok()) << stream.End();
    token = stream.token();
  }
  void GoOn(const std::string& more = "") { Read("data_version: " + Quote(token) + " " + more); }

 private:
  const std::shared_ptr<grpc::Channel>& server_;
};

class Views : public ::testing::TestWithParam<std::string> {
 protected:
  std::string Make(const std::string& more) {
    return client_.Create("target { " + kSession + more + " partition_id: 'p' }")->id();
  }
  std::string Key(const std::string& id) { return Target(id, "partition_id: 'p'"); }

  const std::string url_ = TheService().postgres.CreateDatabase("views_" + std::to_string(++databases_));
  TestServer server_{url_};
  SessionClient client_{server_.channel()};
  static inline int databases_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Of, Views, ::testing::Values("", "partition_id: 'p' "));

TEST_P(Views, AListThatLackedAColumnBecomesAllByLoadingAgain) {
  const std::string kept = Make("import_sequence_number: 5"), deleted = Make("");
  Copy copy(server_.channel());
  copy.Read(GetParam() + PriorList());
  ASSERT_EQ(copy.records.size(), 2U);
  ASSERT_FALSE(copy.records[kept].has_import_sequence_number());
  ASSERT_TRUE(client_.Delete(Key(deleted)).ok());
  const std::string later = Make("import_sequence_number: 6");

  copy.GoOn(GetParam());
  EXPECT_TRUE(copy.loaded);
  EXPECT_EQ(copy.records.size(), 2U) << "what was deleted meanwhile is named";
  EXPECT_EQ(copy.records[kept].import_sequence_number(), 5) << "though it did not change since";
  EXPECT_EQ(copy.records[later].import_sequence_number(), 6);

  copy.GoOn(GetParam());
  EXPECT_EQ(copy.changes, 0) << "now the token is one of all";
}

TEST_P(Views, InTheMiddleOfALoadToo) {
  std::set<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.insert(Make("import_sequence_number: 7"));
  Copy copy(server_.channel());
  copy.Read(GetParam() + PriorList() + "max_changes: 2");
  ASSERT_TRUE(copy.loaded);
  copy.GoOn(GetParam());
  ASSERT_EQ(copy.records.size(), ids.size());
  for (const auto& [id, record] : copy.records) EXPECT_EQ(record.import_sequence_number(), 7) << id;
}

TEST_P(Views, WhoDoesNotLoadGoesOnWithoutALoad) {
  Make("");
  Copy copy(server_.channel());
  copy.Read(GetParam() + PriorList() + "skip_initial_load: true");
  const std::string later = Make("import_sequence_number: 6");
  copy.GoOn(GetParam() + "skip_initial_load: true");
  EXPECT_FALSE(copy.loaded);
  EXPECT_EQ(copy.changes, 1);
  EXPECT_EQ(copy.records[later].import_sequence_number(), 6);
}

TEST_P(Views, PagesOfAQueryGoOn) {
  for (int i = 0; i < 3; ++i) Make("import_sequence_number: 8");
  const auto page = [&](const std::string& more) {
    return client_.Send(&sessions::JourneyRunSessionService::Stub::RetrieveMultiple,
                        Parse<sessions::RetrieveMultipleRequest>(GetParam() + "page_size: 1 " + more));
  };
  const auto first = page(PriorList());
  ASSERT_TRUE(first.ok()) << first.ending;
  const auto second = page("page_token: " + Quote(first->next_page_token()));
  ASSERT_TRUE(second.ok()) << second.ending;
  EXPECT_NE(second->entities(0).id(), first->entities(0).id());
  EXPECT_EQ(second->entities(0).import_sequence_number(), 8);
  EXPECT_TRUE(page("page_token: " + Quote(second->next_page_token())).ok());
  const auto other = page("filter: 'importsequencenumber eq 8' page_token: " + Quote(first->next_page_token()));
  EXPECT_FALSE(other.ok()) << "another query";
}

}  // namespace
}  // namespace journeyfeed::testing
