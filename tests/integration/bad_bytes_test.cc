// Bytes that are not a request.
#include <gtest/gtest.h>

#include <random>

#include "tests/integration/bad_input.h"

namespace journeyfeed::testing {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

RawAnswer Send(const std::string& path, const std::string& bytes) {
  return CallRaw(TheService().server.channel(), path, bytes);
}

TEST(BadBytes, DamagedEncodingIsRefusedByEveryMethod) {
  MakeSession();
  const std::string before = StateOf(TheService().database_url);
  const std::string damaged[] = {std::string("\xFF"),     std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
                                 std::string("\x0A\x05"), std::string("\x0A\xFF\xFF\xFF\xFF\x07"),
                                 std::string("\x00", 1),  std::string("\x0F"),
                                 "GET / HTTP/1.1"};
  for (const std::string& method : AllMethods()) {
    for (const std::string& bytes : damaged) {
      SCOPED_TRACE(method + " " + Quote(bytes));
      const RawAnswer answer = Send(PathOf(method), bytes);
      EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
      EXPECT_EQ(answer.ending.reason, "INVALID_ARGUMENT");
      ExpectFullError(answer.ending);
    }
  }
  EXPECT_EQ(StateOf(TheService().database_url), before);
}

TEST(BadBytes, RandomBytesNeverFailTheServer) {
  std::mt19937 random(4711);
  const std::string before = StateOf(TheService().database_url);
  for (const std::string& method : AllMethods()) {
    for (int round = 0; round < 40; ++round) {
      std::string bytes(random() % 64, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random());
      if (method.ends_with("Changes") && bytes.empty()) continue;  // a valid request
      const RawAnswer answer = Send(PathOf(method), bytes);
      const bool expected = answer.ending.ok() || answer.ending.code == grpc::StatusCode::INVALID_ARGUMENT;
      EXPECT_TRUE(expected) << method << ' ' << Quote(bytes) << ' ' << answer.ending;
    }
  }
  EXPECT_EQ(StateOf(TheService().database_url), before);
}

// Every text of every request, with bytes that are not UTF-8.
TEST(BadBytes, InvalidUtf8IsRefused) {
  const std::string id = MakeSession();
  const std::string journey = MakeJourney();
  const std::string before = StateOf(TheService().database_url);
  struct {
    const char* method;
    std::string request;
  } const cases[] = {
      {"s.Create", "target { name: '@@@' journey_run_id: 'r' session: 's' }"},
      {"s.Create", "target { name: 'n' journey_run_id: '@@@' session: 's' }"},
      {"s.Create", "target { name: 'n' journey_run_id: 'r' session: '@@@' }"},
      {"s.Create", "target { " + kSession + " partition_id: '@@@' }"},
      {"s.Create", "target { " + kSession + " } request_id: '@@@'"},
      {"s.Create", "target { " + kSession + " id: '@@@' }"},
      {"s.Update", Target(id, "name: 'x'") + "update_mask { paths: '@@@' }"},
      {"s.Update", Target(id, "name: 'x'") + "if_match: '@@@'"},
      {"s.Upsert", Target(id, kSession) + "if_none_match: '@@@'"},
      {"s.Retrieve", Target(id) + "session_token: '@@@'"},
      {"s.Retrieve", Target(id) + "columns { paths: '@@@' }"},
      {"s.Retrieve", "target { id: '@@@' }"},
      {"s.Delete", Target(id, "partition_id: '@@@'")},
      {"s.RetrieveEntityChanges", "data_version: '@@@'"},
      {"s.RetrieveEntityChanges", "partition_id: '@@@'"},
      {"j.Create", "target { name: '@@@' }"},
      {"j.Create", "target { name: 'n' workflow_definition: '@@@' }"},
      {"j.Update", Target(journey, "description: '@@@'")},
      {"j.Upsert", Target(journey, "owner_id_type: '@@@'")},
  };
  for (const auto& [method, request] : cases) {
    // A stray byte, an overlong form, a surrogate.
    for (const std::string bytes : {"\xFFxx", "x\xC0\x80", "\xED\xA0\x80"}) {
      SCOPED_TRACE(std::string(method) + " " + request);
      std::string encoded = Encode(method, request);
      encoded.replace(encoded.find("@@@"), 3, bytes);
      const RawAnswer answer = Send(PathOf(method), encoded);
      EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
      EXPECT_EQ(answer.ending.reason, "INVALID_ARGUMENT");
      ExpectFullError(answer.ending);
    }
  }
  EXPECT_EQ(StateOf(TheService().database_url), before);
}

// A mask: a session's Upsert has none, but a journey's has one at this field number. The caller intends a merge and
// would lose columns.
TEST(BadBytes, MaskOfASessionsUpsertIsRefused) {
  const std::string id = MakeSession();
  const std::string before = StateOf(TheService().database_url);
  const std::string encoded =
      Encode("s.Upsert", Target(id, kSession)) + Encode("j.Upsert", "update_mask { paths: 'name' }");
  const RawAnswer answer = Send(PathOf("s.Upsert"), encoded);
  EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(answer.ending.Violates("update_mask")) << answer.ending;
  EXPECT_EQ(StateOf(TheService().database_url), before);
}

TEST(BadBytes, RequestsAboveOurLimitGetAFullError) {
  const std::string before = StateOf(TheService().database_url);
  for (const std::string& method : AllMethods()) {
    SCOPED_TRACE(method);
    const RawAnswer answer = Send(PathOf(method), std::string(16 * kMiB + 1, 'x'));
    EXPECT_EQ(answer.ending.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(answer.ending.reason, "REQUEST_LENGTH_TOO_LARGE");
    EXPECT_EQ(answer.ending.metadata.at("request_bytes"), std::to_string(16 * kMiB + 1));
    ExpectFullError(answer.ending);
  }
  for (const char* method : {"s.Delete", "s.Retrieve", "j.RetrieveMultiple", "j.RetrieveEntityChanges"}) {
    const RawAnswer answer = Send(PathOf(method), std::string(2 * kMiB + 1, 'x'));
    EXPECT_EQ(answer.ending.reason, "REQUEST_LENGTH_TOO_LARGE") << method;
    EXPECT_EQ(answer.ending.metadata.at("max_bytes"), std::to_string(2 * kMiB)) << method;
  }
  const RawAnswer at_limit = Send(PathOf("s.Create"), std::string(16 * kMiB, '\xFF'));
  EXPECT_EQ(at_limit.ending.code, grpc::StatusCode::INVALID_ARGUMENT) << "not too large, only wrong";
  EXPECT_EQ(StateOf(TheService().database_url), before);
}

// A million empty messages, or as many paths of masks, fit into the smallest limit: they are counted before they are
// parsed.
TEST(BadBytes, RequestsOfTooManyPartsAreRefused) {
  std::string flood;
  while (flood.size() < 2 * kMiB - 2) flood += std::string("\x0A\x00", 2);
  const std::string before = StateOf(TheService().database_url);
  for (const std::string& method : AllMethods()) {
    SCOPED_TRACE(method);
    const RawAnswer answer = Send(PathOf(method), flood);
    EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_TRUE(answer.ending.metadata.contains("max_fields") || answer.ending.metadata.contains("max_rows"));
    ExpectFullError(answer.ending);
  }
  EXPECT_EQ(StateOf(TheService().database_url), before);
}

TEST(BadBytes, RequestsAboveGrpcsLimitAreRefused) {
  const RawAnswer answer = Send(PathOf("s.Create"), std::string(64 * kMiB + 1, 'x'));
  EXPECT_EQ(answer.ending.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(IsServing(TheService().server.channel()));
}

TEST(BadBytes, UnknownMethodsAndServices) {
  for (const std::string path :
       {"/journeyfeed.journeyrunsession.v1.JourneyRunSessionService/Associate",
        "/journeyfeed.journeyrunsession.v1.JourneyRunSessionService/",
        "/journeyfeed.journeyrunsession.v1.JourneyRunSessionService/create",
        "/journeyfeed.journeyrunsession.v2.JourneyRunSessionService/Create", "/nothing.Nowhere/Nothing", "/", "/x"}) {
    EXPECT_EQ(Send(path, "").ending.code, grpc::StatusCode::UNIMPLEMENTED) << path;
  }
}

}  // namespace
}  // namespace journeyfeed::testing
