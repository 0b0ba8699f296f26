// A token key is added and another one removed while two replicas serve: tokens of each replica are valid at the other
// all the time, and tokens of the removed key are refused.
#include <gtest/gtest.h>

#include "services/feed/token_text.h"
#include "tests/replicas/replica.h"
#include "tests/support/eventually.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

namespace pb = journeyrunsession::v1;

struct Tokens {
  std::string session;
  std::string data;
  std::string page;
};

constexpr int kPageSize = 1;

// For two existing records.
class Reader {
 public:
  explicit Reader(const Replica& replica) : client_(replica.address()) {}

  Tokens TakeTokens() {
    Tokens tokens;
    for (const int key : {1, 2}) {
      const grpc::Status written = client_.Upsert(key, "n");
      EXPECT_TRUE(written.ok()) << written.error_message();
    }
    tokens.session = client_.session_token;
    grpc::ClientContext changes, query;
    const auto stream = client_.stub().RetrieveEntityChanges(&changes, {});
    for (pb::RetrieveEntityChangesResponse response; stream->Read(&response);) tokens.data = response.data_token();
    EXPECT_TRUE(stream->Finish().ok());
    pb::RetrieveMultipleRequest request;
    request.set_page_size(kPageSize);
    pb::RetrieveMultipleResponse response;
    EXPECT_TRUE(client_.stub().RetrieveMultiple(&query, request, &response).ok());
    tokens.page = response.next_page_token();
    return tokens;
  }

  // The reasons with which the session, data and page tokens are refused, or OK.
  std::string Show(const Tokens& tokens) {
    const grpc::Status session = client_.Retrieve(1, tokens.session, std::chrono::seconds(10));
    grpc::ClientContext changes, query;
    pb::RetrieveEntityChangesRequest after;
    after.set_data_version(tokens.data);
    const auto stream = client_.stub().RetrieveEntityChanges(&changes, after);
    for (pb::RetrieveEntityChangesResponse response; stream->Read(&response);) continue;
    pb::RetrieveMultipleRequest request;
    request.set_page_size(kPageSize);
    request.set_page_token(tokens.page);
    pb::RetrieveMultipleResponse response;
    return Said(session) + " " + Said(stream->Finish()) + " " +
           Said(client_.stub().RetrieveMultiple(&query, request, &response));
  }

 private:
  static std::string Said(const grpc::Status& status) { return status.ok() ? "OK" : ReasonOf(status); }

  OneClient client_;
};

constexpr char kGood[] = "OK OK OK";
constexpr char kRefused[] = "SESSION_TOKEN_INVALID FEED_TOKEN_INVALID QUERY_BUILDER_INVALID_PAGING_COOKIE";

// The id of the key that signed it.
int KeyOf(const std::string& token) { return static_cast<unsigned char>(feed::FromBase64Url(token).value().at(1)); }

TEST(KeyRotation, TokensCrossAndThoseOfARemovedKeyAreRefused) {
  Node node(Node::Fresh());
  node.Start();
  MakeFeed(node);
  Query(node.url(), "update journeyfeed.token_key set created_at = created_at - interval '1 hour'");
  Replica one({"--database-url", node.url()}), two({"--database-url", node.url()});
  Reader at_one(one);
  const Tokens old = at_one.TakeTokens();
  EXPECT_EQ(KeyOf(old.session), 1);
  EXPECT_EQ(Reader(two).Show(old), kGood);

  // A replica that starts with the new key does not sign with it: the others may not have read it.
  Query(node.url(), "insert into journeyfeed.token_key (key_id, secret) values (2, decode(repeat('ab', 48), 'hex'))");
  EXPECT_EQ(two.Restart(), 0);
  Reader at_two(two);
  const Tokens young = at_two.TakeTokens();
  for (const std::string& token : {young.session, young.data, young.page}) EXPECT_EQ(KeyOf(token), 1);
  EXPECT_EQ(at_one.Show(young), kGood);

  // The key settles without notice to the replicas.
  Query(node.url(), "update journeyfeed.token_key set created_at = created_at - interval '2 minutes' where key_id = 2");
  for (Reader* reader : {&at_one, &at_two}) {
    EXPECT_TRUE(Eventually([&] { return KeyOf(reader->TakeTokens().session) == 2; }));
  }
  const Tokens of_one = at_one.TakeTokens(), of_two = at_two.TakeTokens();
  EXPECT_EQ(at_two.Show(of_one), kGood);
  EXPECT_EQ(at_one.Show(of_two), kGood);
  for (Reader* reader : {&at_one, &at_two}) EXPECT_EQ(reader->Show(old), kGood) << "an old key verifies";

  Query(node.url(), "delete from journeyfeed.token_key where key_id = 1");
  for (Reader* reader : {&at_one, &at_two}) {
    EXPECT_TRUE(Eventually([&] { return reader->Show(old) == kRefused; })) << reader->Show(old);
    EXPECT_EQ(reader->Show(of_one), kGood);
    EXPECT_EQ(reader->Show(of_two), kGood);
  }
}

}  // namespace
}  // namespace journeyfeed::testing
