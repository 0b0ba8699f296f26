#include "tests/bench/contenders/child.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "storage/embedded/command.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::bench {
namespace {

constexpr auto kTimeToEnd = std::chrono::seconds(10);

embedded::Process Start(const std::vector<std::string>& argv, const std::string& log) {
  embedded::Command command{.argv = argv, .user = embedded::CurrentUser().value_or(embedded::OsUser{})};
  command.death_signal = SIGKILL;
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  auto started = embedded::Spawn(command, output);
  ::close(output);
  return testing::OrThrow(std::move(started));
}

}  // namespace

Child::Child(const std::vector<std::string>& argv, const std::string& log) : process_(Start(argv, log)) {}

Child::~Child() {
  process_.Signal(SIGTERM);
  if (process_.WaitForExit(embedded::Clock::now() + kTimeToEnd)) return;
  process_.Signal(SIGKILL);
  process_.WaitForExit(embedded::Clock::now() + kTimeToEnd);
}

int Child::Wait(std::chrono::milliseconds limit) {
  if (!process_.WaitForExit(embedded::Clock::now() + limit)) throw std::runtime_error("a program does not end");
  return process_.exit_code();
}

std::string FindProgram(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path program = std::filesystem::path(folder) / name;
    if (::access(program.c_str(), X_OK) == 0) return std::filesystem::absolute(program);
  }
  throw std::runtime_error("no program " + name + " in the PATH");
}

std::uint16_t FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  const int error = errno;
  ::close(fd);
  if (!bound) throw std::system_error(error, std::generic_category(), "no free port");
  return ntohs(address.sin_port);
}

}  // namespace journeyfeed::bench
