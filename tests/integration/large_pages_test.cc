// A client with default settings accepts messages of 4 MiB: every page stays within that if its records do.
#include <gtest/gtest.h>

#include <set>

#include "tests/integration/streams.h"

namespace journeyfeed::testing {
namespace {

std::shared_ptr<grpc::Channel> PlainChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(TheService().server.process().address(), grpc::InsecureChannelCredentials(),
                                   arguments);
}

std::string Cjk(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "\xE8\xAA\x9E";
  return text;
}

std::set<std::string> StreamedIds(const std::string& request) {
  SessionChanges stream(PlainChannel(), request);
  std::set<std::string> ids;
  for (const auto& message : stream.ReadAll()) {
    for (const auto& change : message.changes()) ids.insert(change.new_or_updated_entity().id());
  }
  EXPECT_TRUE(stream.End().ok()) << stream.End();
  return ids;
}

std::set<std::string> QueriedIds(const std::string& more) {
  SessionClient client(PlainChannel());
  std::set<std::string> ids;
  auto request = Parse<sessions::RetrieveMultipleRequest>(more);
  do {
    const auto page = client.Send(&sessions::JourneyRunSessionService::Stub::RetrieveMultiple, request);
    EXPECT_TRUE(page.ok()) << page.ending;
    for (const auto& entity : page->entities()) ids.insert(entity.id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return ids;
}

// Creates the sessions in a new partition and reads them in every possible way.
void ExpectReadable(const std::string& partition, const std::vector<sessions::JourneyRunSession>& records) {
  const std::string in = " partition_id: " + Quote(partition) + " ";
  const std::string head = SessionHead(), head_of_partition = SessionHead(TheService().server.channel(), in);
  std::set<std::string> ids;
  for (std::size_t begin = 0; begin < records.size(); begin += 200) {
    sessions::CreateMultipleRequest create;
    for (std::size_t i = begin; i < std::min(records.size(), begin + 200); ++i) {
      *create.add_targets() = records[i];
      create.mutable_targets()->rbegin()->set_partition_id(partition);
    }
    const auto created = Sessions().Send(&sessions::JourneyRunSessionService::Stub::CreateMultiple, create);
    ASSERT_TRUE(created.ok()) << created.ending;
    for (const auto& result : created->results()) ids.insert(result.id());
  }
  ASSERT_EQ(ids.size(), records.size());
  EXPECT_EQ(StreamedIds("data_version: " + Quote(head)), ids);
  EXPECT_EQ(StreamedIds("data_version: " + Quote(head_of_partition) + in), ids);
  EXPECT_EQ(StreamedIds(in), ids);
  EXPECT_EQ(QueriedIds(in), ids);
  EXPECT_GE(StreamedIds("").size(), ids.size());
}

sessions::JourneyRunSession Record(std::string name, std::string session) {
  sessions::JourneyRunSession record;
  record.set_journey_run_id(Letters(100));
  record.set_name(std::move(name));
  record.set_session(std::move(session));
  return record;
}

TEST(LargePages, TextsOfThreeBytesACharacter) {
  ExpectReadable("large 1", std::vector(3, Record(Cjk(100), Cjk(900'000))));
}

// Many records that nearly fill a page, and one that does not fit any more.
TEST(LargePages, OneLargeRecordAmongMany) {
  std::vector<sessions::JourneyRunSession> records(440, Record(Letters(100), Letters(6'600)));
  records.push_back(Record("large", Letters(1'048'575)));
  records.insert(records.end(), 3, Record("small", "s"));
  ExpectReadable("large 2", records);
}

}  // namespace
}  // namespace journeyfeed::testing
