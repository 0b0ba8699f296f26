#include "tests/bench/measure/processes.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace journeyfeed::bench {
namespace {

std::string FirstLine(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

// What follows `name` in a file of lines "name: value"; "" if there is no such line.
std::string ValueIn(const std::filesystem::path& file, std::string_view name) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t value = line.find_first_not_of(": \t", name.size());
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

std::vector<ProcessStat> ReadProcesses() {
  std::vector<ProcessStat> processes;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    // The file of a process that has just ended is empty.
    if (const auto stat = ParseStat(FirstLine(entry.path() / "stat"))) processes.push_back(*stat);
  }
  return processes;
}

double Seconds(std::uint64_t ticks) {
  static const double per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return static_cast<double>(ticks) / per_second;
}

// By this process, or by its children that were waited for.
double UsedSeconds(int whose) {
  rusage used{};
  ::getrusage(whose, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal.
void AddMachine(CpuTimes& times) {
  std::istringstream line(FirstLine("/proc/stat"));
  std::string name;
  std::uint64_t user, nice, system, idle, iowait, irq, softirq, steal;
  if (!(line >> name >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal)) return;
  times.machine = Seconds(user + nice + system + irq + softirq);
  times.stolen = Seconds(steal);
}

}  // namespace

std::optional<ProcessStat> ParseStat(std::string_view line) {
  // The name of the program stands in brackets and may contain anything.
  const std::size_t name_end = line.rfind(')');
  ProcessStat stat;
  if (name_end == std::string_view::npos) return std::nullopt;
  if (std::from_chars(line.data(), line.data() + line.size(), stat.pid).ec != std::errc()) return std::nullopt;
  std::istringstream rest{std::string(line.substr(name_end + 1))};
  std::string state, skipped;
  if (!(rest >> state >> stat.parent)) return std::nullopt;
  for (int i = 0; i < 9; ++i) rest >> skipped;
  std::uint64_t user, system, children_user, children_system;
  if (!(rest >> user >> system >> children_user >> children_system)) return std::nullopt;
  stat.ticks = user + system + children_user + children_system;
  return stat;
}

std::uint64_t TreeTicks(const std::vector<ProcessStat>& processes, pid_t root) {
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    for (const ProcessStat& each : processes) {
      if (each.parent == tree[i] && each.pid != tree[i]) tree.push_back(each.pid);
    }
  }
  std::uint64_t ticks = 0;
  for (const ProcessStat& each : processes) {
    if (std::ranges::find(tree, each.pid) != tree.end()) ticks += each.ticks;
  }
  return ticks;
}

CpuTimes ReadCpuTimes(pid_t server, pid_t database) {
  const std::vector<ProcessStat> processes = ReadProcesses();
  CpuTimes times{.server = Seconds(TreeTicks(processes, server))};
  if (database != 0) times.database = Seconds(TreeTicks(processes, database));
  times.client = UsedSeconds(RUSAGE_SELF) + UsedSeconds(RUSAGE_CHILDREN);
  AddMachine(times);
  return times;
}

double ResidentKilobytes(pid_t pid) {
  const std::string value = ValueIn("/proc/" + std::to_string(pid) + "/status", "VmRSS");
  return value.empty() ? 0 : std::stod(value);
}

std::string DescribeMachine() {
  utsname names{};
  ::uname(&names);
  const std::string model = ValueIn("/proc/cpuinfo", "model name");
  return std::to_string(std::thread::hardware_concurrency()) + " x " + (model.empty() ? names.machine : model) +
         ", Linux " + names.release;
}

void AllowOpenFiles(std::size_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return;
  // Only root may raise the hard limit.
  const rlimit wanted{.rlim_cur = count, .rlim_max = std::max<rlim_t>(count, limit.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) return;
  throw std::runtime_error("this needs " + std::to_string(count) + " open files, and the hard limit is " +
                           std::to_string(limit.rlim_max) + ": raise it (ulimit -Hn, limits.conf), or run as root");
}

}  // namespace journeyfeed::bench
