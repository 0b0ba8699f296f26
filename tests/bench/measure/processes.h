// What processes cost, as /proc tells it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace journeyfeed::bench {

// A line of /proc/PID/stat.
struct ProcessStat {
  pid_t pid = 0;
  pid_t parent = 0;
  // CPU of it and of its children that ended and were waited for, in ticks. So the sum over a tree loses nothing when a
  // process of it ends.
  std::uint64_t ticks = 0;
};

// Nothing if the line is not one.
std::optional<ProcessStat> ParseStat(std::string_view line);

// The CPU of `root` and all processes below it, in ticks.
std::uint64_t TreeTicks(const std::vector<ProcessStat>& processes, pid_t root);

// CPU since the start of each, in seconds.
struct CpuTimes {
  double server = 0;
  double database = 0;
  double client = 0;   // this process, and those that it started and that have ended
  double machine = 0;  // everything that ran on the machine
  double stolen = 0;   // by the machine's host
};
// `database`: the root of a tree of its own; 0 for none.
CpuTimes ReadCpuTimes(pid_t server, pid_t database);

double ResidentKilobytes(pid_t pid);

// The model of the machine's processor and how many there are, and its kernel.
std::string DescribeMachine();

// Lets this process and those that it starts have `count` open files. Throws std::runtime_error, which says what to do,
// if the system does not allow that.
void AllowOpenFiles(std::size_t count);

}  // namespace journeyfeed::bench
