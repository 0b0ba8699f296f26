// Bulk messages with request ids while the database's connections are killed: each request is executed once, and all
// answers to it are equal.
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "storage/types.h"
#include "tests/bulk/entities.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kClients = 5;
constexpr int kRequests = 120;

// The outcome of one use of a request: the answer if all of it was done, else the reason.
struct Use {
  std::string answer;
  Ending ending;
};

template <typename Answer>
Use UseOf(const Answer& answer, int rows) {
  if (!answer.ok()) return {"", answer.ending};
  int done = 0;
  for (const auto& result : answer->results()) done += result.has_error() ? 0 : 1;
  return {done == rows ? answer->DebugString() : "", answer.ending};
}

// A request of one entity, the same every time it is sent.
template <typename Of>
class Requests {
 public:
  explicit Requests(std::string url) : client_(Connect(url)) {}

  // `number` decides message and size. Large requests are cut into several batches where rows fail alone.
  Use Send(int number, const std::string& request_id, const std::vector<std::string>& ids) {
    const int rows = RowsOf(number);
    const std::string name = "request " + std::to_string(number);
    if (number % 3 == 0) {
      auto create = CreateMany<Of>(rows, name);
      create.set_request_id(request_id);
      return UseOf(client_.Send(&Of::Service::Stub::CreateMultiple, create), rows);
    }
    if (number % 3 == 1) {
      typename Of::UpdateMultipleRequest update;
      update.set_request_id(request_id);
      for (int i = 0; i < rows; ++i) AddUpdate<Of>(update, ids.at(static_cast<std::size_t>(i)), name);
      return UseOf(client_.Send(&Of::Service::Stub::UpdateMultiple, update), rows);
    }
    typename Of::UpsertMultipleRequest upsert;
    upsert.set_request_id(request_id);
    for (int i = 0; i < rows; ++i) {
      auto& target = *upsert.add_targets()->mutable_target();
      target = Of::Make(name);
      target.set_id(Uuid::FromName(request_id + std::to_string(i)).ToString());
    }
    return UseOf(client_.Send(&Of::Service::Stub::UpsertMultiple, upsert), rows);
  }

  static int RowsOf(int number) { return number % 20 == 0 ? 600 : 5; }

 private:
  typename Of::Client client_;
};

template <typename Of>
class BulkRetry : public ::testing::Test {};
using Entities = ::testing::Types<OfSessions, OfJourneys>;
TYPED_TEST_SUITE(BulkRetry, Entities);

TYPED_TEST(BulkRetry, UnderConnectionKillsExecutesOnce) {
  auto& service = TheService();
  const std::string address = service.server.process().address();
  const auto ids = MakeMany<TypeParam>(600, "to be updated");
  std::array<std::string, kRequests> request_ids;
  for (std::string& id : request_ids) id = NewId();

  std::mutex mutex;
  std::map<int, std::set<std::string>> answers;
  std::map<std::string, int> failures;
  std::atomic<int> uses = 0, answered = 0, killed = 0;
  std::atomic<bool> over = false;
  const auto use = [&](Requests<TypeParam>& requests, int number) {
    const Use outcome = requests.Send(number, request_ids[static_cast<std::size_t>(number)], ids);
    ++uses;
    const std::scoped_lock lock(mutex);
    if (!outcome.answer.empty()) {
      ++answered;
      answers[number].insert(outcome.answer);
    } else if (!outcome.ending.ok()) {
      ++failures[outcome.ending.reason];
    }
    return !outcome.answer.empty();
  };
  std::vector<std::jthread> clients;
  for (unsigned seed = 0; seed < kClients; ++seed) {
    clients.emplace_back([&, seed] {
      std::mt19937 random(seed);
      Requests<TypeParam> requests(address);
      while (!over) use(requests, static_cast<int>(random() % kRequests));
    });
  }
  const auto end = std::chrono::steady_clock::now() + 120s;
  while ((answered < 2'000 || killed < 30) && std::chrono::steady_clock::now() < end) {
    const int before = answered;
    // Kills connections that write, at any moment.
    killed += std::stoi(Query(service.database_url,
                              "select count(pg_terminate_backend(pid)) from (select pid from pg_stat_activity where "
                              "datname = current_database() and query like '%write_%' and pid <> pg_backend_pid() "
                              "limit 1) q"));
    (void)Eventually([&] { return answered >= before + 20; }, 300ms);
  }
  over = true;
  clients.clear();

  // Requests without an answer get one now.
  Requests<TypeParam> requests(address);
  for (int number = 0; number < kRequests; ++number) {
    EXPECT_TRUE(Eventually([&] { return use(requests, number); }, 60s)) << number;
    EXPECT_EQ(answers[number].size(), 1u) << "request " << number << " was answered differently";
    EXPECT_EQ(Query(service.database_url, std::string("select concat(count(*), ' ', count(distinct record_id)) from "
                                                      "journeyfeed.") +
                                              TypeParam::kTable + "_log where request_id = '" +
                                              request_ids[static_cast<std::size_t>(number)] + "'"),
              std::to_string(Requests<TypeParam>::RowsOf(number)) + " " +
                  std::to_string(Requests<TypeParam>::RowsOf(number)));
  }
  EXPECT_GE(answered, 2'000);
  EXPECT_GE(killed, 30);
  for (const auto& [reason, count] : failures) {
    EXPECT_TRUE(reason == "WRITE_OUTCOME_UNKNOWN" || reason == "SERVICE_UNAVAILABLE") << reason << " " << count;
  }
}

}  // namespace
}  // namespace journeyfeed::testing
