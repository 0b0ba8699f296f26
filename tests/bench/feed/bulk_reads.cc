// The initial load against COPY of the table, and catching up against COPY of the join of log and table.
#include "tests/bench/contenders/journeyfeed.h"
#include "tests/bench/contenders/session_calls.h"
#include "tests/bench/feed/finite_reads.h"
#include "tests/bench/feed/followers.h"
#include "tests/bench/feed/workloads.h"
#include "tests/bench/feed/writer.h"

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRows = 1000000;
constexpr std::uint64_t kQuickRows = 100000;
constexpr std::size_t kTextBytes = 200;
constexpr auto kTimeToFill = 600s;

constexpr const char* kCopy = "copy journeyfeed.journey_run_session to stdout";
// The columns of a page of the log, in its order.
constexpr const char* kCopyJoin =
    "copy (select e.seq, e.version_number, e.message, e.logged_at, e.call_end, t.*"
    " from journeyfeed.journey_run_session_log e"
    " join journeyfeed.journey_run_session t"
    " on t.partition_key = coalesce(e.partition_id, e.record_id::text) and t.id = e.record_id"
    " and t.version_number = e.version_number order by e.seq) to stdout";

// A service with many records, and a token of before they were written.
struct Filled {
  std::shared_ptr<Journeyfeed> service;
  std::string token;
  Tally records;
};

std::string TokenNow(Contender& contender) {
  http2::EventLoop loop;
  const Followers one(loop, contender.address(),
                      {.followers = 1, .keeps_last_message = true, .call = [&](int) { return contender.Follow({}); }},
                      [](const Mark&, Followers::Clock::time_point) {});
  return session_calls::TokenOf(one.last_message(0));
}

Filled Fill(std::uint64_t rows) {
  Filled filled{.service = std::make_shared<Journeyfeed>(Journeyfeed::Options{}), .token = {}, .records = {}};
  filled.token = TokenNow(*filled.service);
  http2::EventLoop loop;
  Writer writer(loop, *filled.service,
                {.records_per_second = 1e6, .per_call = 500, .text_bytes = kTextBytes, .in_flight = 4});
  writer.Start();
  const auto give_up = Writer::Clock::now() + kTimeToFill;
  loop.RunUntil(give_up, [&] { return writer.written() >= rows || writer.failed() > 0; });
  writer.Stop();
  loop.RunUntil(give_up, [&] { return writer.settled(); });
  if (writer.failed() > 0 || !writer.settled()) throw std::runtime_error("cannot fill the table: " + writer.problem());
  filled.records = writer.WrittenTo(0);
  testing::Query(filled.service->database_url(),
                 "vacuum analyze journeyfeed.journey_run_session, journeyfeed.journey_run_session_log");
  return filled;
}

struct BulkRead {
  std::string name;
  std::string about;
  int readers;
  bool catches_up;
  std::optional<Bar> bar;
};

Bout PrepareBulkRead(const BulkRead& read, const Scale& scale) {
  const Filled filled = Fill(scale.quick ? kQuickRows : kRows);
  const auto service = filled.service;
  const Tally records = filled.records;
  const http2::Call call = read.catches_up ? session_calls::CatchUp(filled.token) : session_calls::Load();
  const char* const statement = read.catches_up ? kCopyJoin : kCopy;
  const Metrics parameters{{"records", static_cast<double>(records.count())}, {"readers", read.readers}};
  Bout bout;
  bout.cells = {{.name = "copy",
                 .contender = "copy",
                 .parameters = parameters,
                 .run = [service, records,
                         statement] { return RunPsql(*service, service->database_url(), statement, records.count()); }},
                {.name = kJourneyfeed, .contender = kJourneyfeed, .parameters = parameters, .run = [=] {
                   return ReadToEnd(*service, read.readers, call, kTextBytes, records);
                 }}};
  const auto ratio = [](const Round& round) {
    return round.at(kJourneyfeed).at("rows_per_s") / round.at("copy").at("rows_per_s");
  };
  bout.figures = {{read.catches_up ? "rows/s / COPY of the join" : "rows/s / COPY", "", read.bar, ratio}};
  return bout;
}

}  // namespace

std::vector<Workload> BulkReadWorkloads() {
  constexpr auto kAtLeast = Bar::Sense::kAtLeast;
  const BulkRead reads[] = {
      {"load", "the initial load of 1 M sessions", 1, false, Bar{kAtLeast, 0.7, 0.8}},
      {"load-4", "4 initial loads of 1 M sessions at once", 4, false, {}},
      {"load-20", "20 initial loads of 1 M sessions at once", 20, false, {}},
      {"catch-up", "catching up over 1 M changes", 1, true, Bar{kAtLeast, 0.8, 0.9}},
      {"catch-up-4", "4 streams catching up over 1 M changes at once", 4, true, {}},
  };
  std::vector<Workload> workloads;
  for (const BulkRead& read : reads) {
    workloads.push_back({.name = read.name,
                         .about = read.about,
                         .in_default = read.bar.has_value(),
                         .in_quick = true,
                         .open_files = 300,
                         .prepare = [read](const Scale& scale) { return PrepareBulkRead(read, scale); }});
  }
  return workloads;
}

}  // namespace journeyfeed::bench
