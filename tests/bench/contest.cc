// ./run bench: measures this service against others. README.md says how, docs/performance.md how to read the results.
#include "tests/bench/contest/contest.h"

#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "tests/bench/contenders/floor.h"
#include "tests/bench/feed/workloads.h"
#include "tests/bench/measure/processes.h"
#include "tests/bench/report/charts.h"
#include "tests/bench/report/json_lines.h"
#include "tests/bench/report/table.h"

namespace journeyfeed::bench {
namespace {

// A named set of workloads; a further subject of measurement adds one.
struct Group {
  std::string name;
  std::vector<Workload> workloads;
};

std::vector<Group> AllGroups() { return {{"feed", FeedWorkloads()}}; }

struct Options {
  std::vector<std::string> names;
  bool list = false;
  Scale scale;
  int rounds = 0;
  double seconds = 0;
  std::vector<std::string> without;
  std::string git;
  std::filesystem::path output;
};

void List() {
  for (const Group& group : AllGroups()) {
    std::cout << group.name << ": the workloads with a star; with --quick, those with two\n";
    for (const Workload& workload : group.workloads) {
      const char* const stars = !workload.in_default ? "   " : workload.in_quick ? "** " : " * ";
      std::cout << stars << workload.name << ": " << workload.about << '\n';
    }
  }
}

// The workloads of a name: a group's default ones, a workload, or all that match a pattern.
std::vector<Workload> Named(const std::string& name, bool quick) {
  std::vector<Workload> named;
  for (const Group& group : AllGroups()) {
    for (const Workload& workload : group.workloads) {
      const bool in_group = workload.in_default && (workload.in_quick || !quick);
      if (name == group.name ? in_group : ::fnmatch(name.c_str(), workload.name.c_str(), 0) == 0)
        named.push_back(workload);
    }
  }
  if (named.empty()) throw std::runtime_error("no workload " + name + "; --list names all");
  return named;
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H-%M-%SZ", std::gmtime(&now));
  return text;
}

Scale ScaleOf(const Options& options) {
  Scale scale = options.scale;
  if (scale.quick) {
    scale.rounds = 3;
    scale.warm_up = std::chrono::milliseconds(200);
    scale.window = std::chrono::milliseconds(700);
  }
  if (options.rounds > 0) scale.rounds = options.rounds;
  if (options.seconds > 0) scale.window = std::chrono::milliseconds(static_cast<int>(options.seconds * 1000));
  scale.without = {options.without.begin(), options.without.end()};
  return scale;
}

void PrintProgress(const Trial& trial) {
  std::cerr << "  round " << trial.round + 1 << ", " << trial.cell;
  for (const std::string& fault : trial.measurement.faults) std::cerr << "; VOID: " << fault;
  std::cerr << std::endl;
}

void WriteFile(const std::filesystem::path& file, const std::string& content) {
  std::ofstream stream(file);
  stream << content;
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

// Files are complete after every workload: a run that is broken off leaves what it has.
int Contest(const Options& options) {
  std::vector<Workload> workloads;
  for (const std::string& name : options.names) {
    for (Workload& workload : Named(name, options.scale.quick)) workloads.push_back(std::move(workload));
  }
  const Scale scale = ScaleOf(options);
  const Occasion occasion{.run = UtcNow(), .git = options.git, .machine = DescribeMachine()};
  const std::filesystem::path folder = options.output / occasion.run;
  std::filesystem::create_directories(folder);
  std::ofstream lines(folder / "runs.jsonl");
  std::vector<Result> results;
  std::string tables = "# " + occasion.run + ", " + occasion.git + ", " + occasion.machine + "\n\n";
  for (const Workload& workload : workloads) {
    std::cerr << workload.name << ": " << workload.about << std::endl;
    AllowOpenFiles(workload.open_files);
    results.push_back(Hold(workload, scale, [&](const Trial& trial) {
      lines << JsonLine(occasion, trial) << std::flush;
      PrintProgress(trial);
    }));
    tables += Describe(results.back());
    WriteFile(folder / "tables.md", tables);
    WriteFile(folder / "figures.svg", FiguresChart(results));
    WriteFile(folder / "latency.svg", LatencyChart(results));
  }
  std::cout << tables << "Also in " << folder.string() << ": runs.jsonl, figures.svg, latency.svg\n";
  return 0;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures this service against others, in turns. Prints tables; writes JSON lines and drawings too.");
  app.add_option("workload", options.names, "A group (feed), a workload, or a pattern of workloads (fan-out-*)");
  app.add_flag("--list", options.list, "Names the workloads");
  app.add_flag("--quick", options.scale.quick, "Three short rounds: shows that it works, not how fast");
  app.add_option("--rounds", options.rounds, "Rounds of each workload")->check(CLI::PositiveNumber);
  app.add_option("--seconds", options.seconds, "Measured time of a trial with writes")->check(CLI::PositiveNumber);
  app.add_option("--without", options.without, "Leaves a contender out: etcd, floor")
      ->delimiter(',')
      ->check(CLI::IsMember({"etcd", "floor"}));
  app.add_option("--git", options.git, "The version that is measured, for the record");
  app.add_option("--output", options.output, "Where the folder of a run is made")->required();
  CLI11_PARSE(app, argc, argv);
  if (options.list || options.names.empty()) {
    List();
    return 0;
  }
  return Contest(options);
}

}  // namespace
}  // namespace journeyfeed::bench

int main(int argc, char** argv) {
  using journeyfeed::bench::Floor;
  try {
    if (argc == 3 && std::string(argv[1]) == Floor::kCommand)
      return journeyfeed::bench::ServeFloor(static_cast<std::uint16_t>(std::stoul(argv[2])));
    return journeyfeed::bench::Main(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "journeyfeed-contest: " << e.what() << '\n';
    return 1;
  }
}
