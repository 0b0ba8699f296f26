// Three replicas, a primary and a synchronous standby that is also read: events happen in random order while clients
// work. JOURNEYFEED_REPLICAS_COUNT and JOURNEYFEED_REPLICAS_SEED choose how many and which; every step is printed.
#include <gmock/gmock.h>

#include <cstdlib>
#include <random>

#include "tests/replicas/replica.h"
#include "tests/support/eventually.h"
#include "tests/support/feed_database.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

unsigned Number(const char* name, unsigned otherwise) {
  const char* given = std::getenv(name);
  return given ? static_cast<unsigned>(std::stoul(given)) : otherwise;
}

void SetSynchronous(const Node& node, const std::string& names) {
  Query(node.url(), "alter system set synchronous_standby_names = '" + names + "'");
  Query(node.url(), "select pg_reload_conf()");
}

class World {
 public:
  World() {
    nodes_[0] = std::make_unique<Node>(Node::Fresh());
    nodes_[0]->Start();
    MakeFeed(*nodes_[0]);
    nodes_[1] = std::make_unique<Node>(Node::Fresh());  // reserves its place, so that the addresses never change
    const std::string either = EitherUrl({nodes_[0].get(), nodes_[1].get()});
    MakeStandby();
    for (int i = 0; i < 3; ++i) {
      replicas.push_back(std::make_unique<Replica>(std::vector<std::string>{
          "--database-url", either, "--read-database-url",
          either.substr(0, either.find(" target_session_attrs")) + " target_session_attrs=standby"}));
    }
  }
  Node& primary() { return *nodes_[primary_]; }
  Node& standby() { return *nodes_[1 - primary_]; }

  // Kills the primary, promotes the standby, and makes a new standby in the old primary's place.
  void FailOver() {
    primary().Kill9();
    standby().Promote();
    primary_ = 1 - primary_;
    SetSynchronous(primary(), "");
    MakeStandby();
  }

  std::vector<std::unique_ptr<Replica>> replicas;

 private:
  void MakeStandby() {
    Node& place = standby();
    place.RunCommand({"/bin/rm", "-rf", place.data().string()});
    Node::BackupOf(primary(), true, "sync")(place);
    place.Start();
    AwaitCaughtUp(primary(), place);
    SetSynchronous(primary(), "sync");
  }

  std::unique_ptr<Node> nodes_[2];
  int primary_ = 0;
};

TEST(Replicas, RecoverByThemselvesFromWhateverHappens) {
  const unsigned seed = Number("JOURNEYFEED_REPLICAS_SEED", std::random_device()());
  const unsigned count = Number("JOURNEYFEED_REPLICAS_COUNT", 4);
  std::cout << "JOURNEYFEED_REPLICAS_SEED=" << seed << " JOURNEYFEED_REPLICAS_COUNT=" << count << std::endl;
  std::mt19937 random(seed);
  World world;
  Clients clients({.addresses = AddressesOf(world.replicas), .database_url = world.primary().url(), .seed = seed});
  ASSERT_TRUE(clients.AwaitWork(40));
  for (unsigned i = 0; i < count; ++i) {
    Replica& replica = *world.replicas[random() % world.replicas.size()];
    switch (random() % 6) {
      case 0:
        std::cout << i << ": fail over" << std::endl;
        world.FailOver();
        break;
      case 1:
        std::cout << i << ": drain and restart " << replica.address() << std::endl;
        EXPECT_EQ(replica.Restart(), 0);
        break;
      case 2:
        std::cout << i << ": kill " << replica.address() << std::endl;
        replica.KillAndRestart();
        break;
      case 3:
        std::cout << i << ": end all sessions of the primary" << std::endl;
        Query(world.primary().url(),
              "select count(pg_terminate_backend(pid)) from pg_stat_activity"
              " where application_name = 'journeyfeed'");
        break;
      case 4:
        std::cout << i << ": kill the primary and start it again" << std::endl;
        world.primary().Kill9();
        world.primary().Start();
        break;
      case 5:
        std::cout << i << ": the standby's replay pauses" << std::endl;
        Query(world.standby().url(), "select pg_wal_replay_pause()");
        EXPECT_TRUE(clients.AwaitWork(20));
        Query(world.standby().url(), "select pg_wal_replay_resume()");
        break;
    }
    ASSERT_TRUE(clients.AwaitWork(20 + static_cast<int>(random() % 40))) << "no recovery\n" << replica.process().log();
  }
  EXPECT_THAT(clients.Finish(world.primary().url()), IsEmpty());
  std::cout << clients.acknowledged() << " writes acknowledged, " << clients.failed_calls().size()
            << " calls failed after retries, " << clients.resumed() << " streams" << std::endl;
}

}  // namespace
}  // namespace journeyfeed::testing
