#include "storage/embedded/postmaster.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "storage/embedded/files.h"
#include "storage/embedded/problem.h"

namespace journeyfeed::embedded {
namespace {

namespace fs = std::filesystem;

constexpr auto kHardStop = std::chrono::seconds(5);

// Empty if the process has ended or may not be inspected; `error` says which.
std::string ProgramOf(pid_t pid, std::error_code& error) {
  return fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", error).filename();
}

// Every process of a cluster has the data directory as its working directory.
bool IsPostgresIn(pid_t pid, const fs::path& data) {
  std::error_code error;
  // "postgres (deleted)" after a package update.
  return ProgramOf(pid, error).starts_with("postgres") &&
         fs::equivalent("/proc/" + std::to_string(pid) + "/cwd", data, error);
}

pid_t PidInFile(const fs::path& data) { return std::abs(std::atoi(ReadFile(data / "postmaster.pid").c_str())); }

bool End(std::vector<Process>& processes, int signal) {
  for (const Process& process : processes) process.Signal(signal);
  const auto deadline = Clock::now() + kHardStop;
  std::erase_if(processes, [&](Process& process) { return process.WaitForExit(deadline); });
  return processes.empty();
}

}  // namespace

std::vector<Process> PostgresProcessesIn(const fs::path& data) {
  std::vector<Process> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0) continue;
    auto process = Process::Open(pid);
    if (process && IsPostgresIn(pid, data)) found.push_back(std::move(*process));
  }
  return found;
}

std::optional<Process> FindPostmaster(const fs::path& data) {
  const pid_t pid = PidInFile(data);
  if (pid == 0) return std::nullopt;
  auto process = Process::Open(pid);
  if (!process || !IsPostgresIn(pid, data)) return std::nullopt;
  return process;
}

Result<void> ClearLeftovers(const fs::path& data, const fs::path& socket_directory) {
  auto left = PostgresProcessesIn(data);
  if (!End(left, SIGQUIT) && !End(left, SIGKILL)) {
    return MayPass("process " + std::to_string(left.front().pid()) + " of a former PostgreSQL in " + data.string() +
                   " does not end");
  }
  std::error_code ignored;
  for (const char* name : {".s.PGSQL.5432", ".s.PGSQL.5432.lock"}) fs::remove(socket_directory / name, ignored);
  // PostgreSQL takes any process with the number in its file for its predecessor, also an unrelated one or a zombie,
  // and refuses to start. Here it is known that none runs.
  std::error_code hidden;
  ProgramOf(PidInFile(data), hidden);
  if (hidden != std::errc::permission_denied) fs::remove(data / "postmaster.pid", ignored);
  return {};
}

Result<void> ShutDown(Process& postmaster, const fs::path& data, std::chrono::milliseconds limit) {
  postmaster.Signal(SIGINT);
  if (postmaster.WaitForExit(Clock::now() + limit)) return {};
  postmaster.Signal(SIGQUIT);
  if (postmaster.WaitForExit(Clock::now() + kHardStop)) return {};
  auto all = PostgresProcessesIn(data);
  if (End(all, SIGKILL)) return {};
  return MayPass("PostgreSQL (process " + std::to_string(postmaster.pid()) + ") does not end");
}

}  // namespace journeyfeed::embedded
