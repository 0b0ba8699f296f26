// `database-url` names several hosts. One accepts connections and stays silent, as a frozen or isolated primary does.
#include <gtest/gtest.h>

#include "tests/integration/service.h"
#include "tests/replicas/replica.h"
#include "tests/replicas/stalling_proxy.h"
#include "tests/support/eventually.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

class Hosts : public ::testing::Test {
 protected:
  std::string Url() const {
    std::string url = one_.Url(url_);
    const std::string first = one_.directory().string();
    return url.insert(url.find(first) + first.size(), "," + two_.directory().string()) +
           " target_session_attrs=read-write";
  }
  static bool Writes(OneClient& client, std::chrono::seconds limit) {
    return Eventually([&] { return client.Upsert(1, "n").ok(); }, limit);
  }

  // Whether a second passes without a new connection.
  static bool Quiet(StallingProxy& proxy) {
    const auto nothing_new = [&proxy] {
      const int before = proxy.accepted();
      return !Eventually([&] { return proxy.accepted() != before; }, 1s);
    };
    return Eventually(nothing_new, 20s);
  }

  TestPostgres postgres_;
  const std::string url_ = postgres_.CreateDatabase("feed");
  StallingProxy one_{SocketDirectoryOf(url_)}, two_{SocketDirectoryOf(url_)};
};

TEST_F(Hosts, ASilentFirstOneDoesNotKeepTheServerFromTheSecond) {
  one_.Stall();
  Replica server({"--database-url", Url()});
  OneClient client(server.address());
  EXPECT_TRUE(client.Upsert(1, "n").ok());
  EXPECT_GT(one_.accepted(), 0);
}

TEST_F(Hosts, TheLastGoodOneIsAskedFirst) {
  Replica server({"--database-url", Url()});
  OneClient client(server.address());
  ASSERT_TRUE(client.Upsert(1, "n").ok());
  EXPECT_EQ(two_.accepted(), 0) << "the order of the connection string";

  one_.Stall();
  ASSERT_TRUE(Writes(client, 40s)) << "a failover";
  one_.Flow();
  two_.Stall();
  ASSERT_TRUE(Writes(client, 40s)) << "and back";
  // The silent server answers again, but was not the last good one.
  two_.Flow();
  two_.Cut();
  // The connections that this ended are opened again. One that is cut while it is opened tries the other server, too.
  ASSERT_TRUE(Quiet(one_)) << one_.accepted();
  const int before = two_.accepted();
  one_.Cut();
  ASSERT_TRUE(Writes(client, 20s));
  EXPECT_EQ(two_.accepted(), before);
}

}  // namespace
}  // namespace journeyfeed::testing
