#include "tests/bench/feed/finite_reads.h"

#include <algorithm>
#include <memory>

#include "tests/bench/contenders/child.h"
#include "tests/bench/measure/cpu_window.h"

namespace journeyfeed::bench {
namespace {

using namespace std::chrono_literals;
using http2::Connection;
using Clock = Connection::Clock;

constexpr auto kTimeToRead = 300s;
constexpr auto kBetweenLooks = 20ms;

struct Reader final : Connection::Receiver {
  Reader(http2::EventLoop& loop, const http2::Address& address, std::size_t bytes)
      : text_bytes(bytes), connection(loop, address, *this) {}

  void OnMessage(Connection&, std::size_t, std::string_view message, Clock::time_point) override {
    ForEachMark(message, text_bytes, [this](const Mark& mark) { tally.Add(mark); });
  }
  void OnEnd(Connection&, std::size_t, const http2::CallEnd& how) override { end = how; }

  const std::size_t text_bytes;
  Tally tally;
  std::optional<http2::CallEnd> end;
  Connection connection;
};

void AddRate(Metrics& metrics, double seconds, double rows) {
  metrics["seconds"] = seconds;
  metrics["rows_per_s"] = rows / seconds;
}

}  // namespace

Measurement ReadToEnd(const Contender& contender, int readers, const http2::Call& call, std::size_t text_bytes,
                      const Tally& expected) {
  http2::EventLoop loop;
  std::vector<std::unique_ptr<Reader>> all;
  for (int i = 0; i < readers; ++i) all.push_back(std::make_unique<Reader>(loop, contender.address(), text_bytes));
  const auto done = [&all] { return std::ranges::all_of(all, [](const auto& each) { return each->end.has_value(); }); };

  Measurement result;
  double peak = 0;
  const CpuWindow cpu(contender.server(), contender.database());
  const auto give_up = Clock::now() + kTimeToRead;
  for (const auto& each : all) each->connection.Open(call);
  while (!loop.RunUntil(std::min<Clock::time_point>(give_up, Clock::now() + kBetweenLooks), done)) {
    peak = std::max(peak, ResidentKilobytes(contender.server()));
    if (Clock::now() > give_up) break;
  }
  AddRate(result.metrics, cpu.End(result.metrics), static_cast<double>(expected.count()) * readers);
  result.metrics["server_peak_mb"] = peak * 1024 / 1e6;
  JudgeClient(result);
  for (const auto& each : all) {
    if (!each->end || !each->end->ok()) {
      result.faults.push_back(each->end ? "a stream ended with " + each->end->status + " " + each->end->message
                                        : "a stream did not end");
    } else if (!(each->tally == expected)) {
      result.faults.push_back("a stream delivered " + std::to_string(each->tally.count()) + " records, not the " +
                              std::to_string(expected.count()) + " that there are");
    }
  }
  return result;
}

Measurement RunPsql(const Contender& contender, const std::string& url, const std::string& statement,
                    std::uint64_t rows) {
  Measurement result;
  const CpuWindow cpu(contender.server(), contender.database());
  Child psql({FindProgram("psql"), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", url, "--command",
              statement},
             "/dev/null");
  const int code = psql.Wait(kTimeToRead);
  AddRate(result.metrics, cpu.End(result.metrics), static_cast<double>(rows));
  if (code != 0) result.faults.push_back("psql ended with " + std::to_string(code));
  return result;
}

}  // namespace journeyfeed::bench
