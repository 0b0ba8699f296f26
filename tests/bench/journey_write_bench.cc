// The cost of the status machine for a writer: the write function of journeys (and of sessions, to show the noise) in
// several databases, for example one of the previous version and one of this version, alternated. Microseconds per row
// in a batch of one and of 100.
//   build/bin/journeyfeed-write-bench ROUNDS URL...
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"
#include "storage/postgres/write/write_batch.h"

namespace journeyfeed {
namespace {

using Clock = std::chrono::steady_clock;

// The options of a server's writer, without the disk, whose noise would hide the rest.
constexpr const char* kWriterOptions =
    "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c "
    "enable_mergejoin=off -c synchronous_commit=local";

[[noreturn]] void Die(const std::string& what) {
  std::cerr << what << '\n';
  std::exit(1);
}

WriteRow RowOf(const dictionary::Entity& entity, MessageName message, const Uuid& id, const char* column) {
  WriteRow row{.message = message, .key = {.id = id}, .values = {}, .if_match = {}};
  row.values.resize(entity.columns.size());
  for (const char* name : {"name", column, entity.elastic ? "journey_run_id" : "purpose"}) {
    const dictionary::Column& assigned = *entity.Find(name);
    row.values[static_cast<std::size_t>(&assigned - entity.columns.data())] = std::string("text");
    row.set |= assigned.bit();
  }
  return row;
}

// One database: creates and updates of one entity.
class Subject {
 public:
  Subject(const std::string& url, const dictionary::Entity& entity, const char* column)
      : entity_(entity), column_(column) {
    auto opened = postgres::Connection::Open(url, kWriterOptions, std::chrono::seconds(5));
    if (!opened) Die(opened.error().message);
    connection_ = *std::move(opened);
  }

  // Median microseconds per row.
  double Time(MessageName message, std::size_t rows, int repeats) {
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
      WriteRequest call{.entity = &entity_, .rows = {}};
      for (std::size_t r = 0; r < rows; ++r) {
        const bool create = message == entity::v1::MESSAGE_NAME_CREATE;
        if (create) ids_.push_back(Uuid::MakeV7());
        call.rows.push_back(RowOf(entity_, message, create ? ids_.back() : ids_[next_++ % ids_.size()], column_));
      }
      const auto begin = Clock::now();
      const auto outcome = postgres::ExecuteBatch(*connection_, entity_, {&call}, environment_);
      const std::chrono::duration<double, std::micro> took = Clock::now() - begin;
      if (!outcome[0]) Die(outcome[0].error().message);
      times.push_back(took.count() / static_cast<double>(rows));
    }
    std::ranges::sort(times);
    return times[times.size() / 2];
  }

 private:
  const dictionary::Entity& entity_;
  const char* column_;
  const postgres::BatchEnvironment environment_{std::chrono::seconds(10), [](const auto&, const auto&) {},
                                                [](const auto&) {}};
  std::unique_ptr<postgres::Connection> connection_;
  std::vector<Uuid> ids_;
  std::size_t next_ = 0;
};

void Bench(const std::vector<std::string>& urls, int rounds, const dictionary::Entity& entity, const char* column) {
  std::vector<Subject> subjects;
  for (const std::string& url : urls) subjects.emplace_back(url, entity, column);
  for (const std::size_t rows : {std::size_t{1}, std::size_t{100}}) {
    for (const MessageName message : {entity::v1::MESSAGE_NAME_CREATE, entity::v1::MESSAGE_NAME_UPDATE}) {
      std::vector<std::vector<double>> times(subjects.size());
      for (int round = 0; round < rounds + 1; ++round) {
        for (std::size_t s = 0; s < subjects.size(); ++s) {
          const double time = subjects[s].Time(message, rows, rows == 1 ? 300 : 30);
          if (round > 0) times[s].push_back(time);
        }
      }
      std::cout << entity.table << ' ' << entity::v1::MessageName_Name(message).substr(13) << " of " << rows << ':';
      for (auto& of_subject : times) {
        std::ranges::sort(of_subject);
        std::cout << ' ' << of_subject[of_subject.size() / 2];
      }
      std::cout << '\n';
    }
  }
}

}  // namespace
}  // namespace journeyfeed

int main(int argc, char** argv) {
  using namespace journeyfeed;
  if (argc < 3) Die("usage: journeyfeed-write-bench ROUNDS URL...");
  const std::vector<std::string> urls(argv + 2, argv + argc);
  const int rounds = std::atoi(argv[1]);
  Bench(urls, rounds, dictionary::Describe(customerjourney::v1::CustomerJourney::descriptor()), "description");
  Bench(urls, rounds, dictionary::Describe(journeyrunsession::v1::JourneyRunSession::descriptor()), "session");
}
