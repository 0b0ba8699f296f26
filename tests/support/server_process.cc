#include "tests/support/server_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "storage/embedded/command.h"
#include "tests/support/eventually.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::testing {
namespace {

using embedded::Clock;

constexpr std::size_t kShownLog = 4000;

std::string BinaryUnderTest() {
  const char* given = std::getenv("SERVER_UNDER_TEST");
  return given != nullptr ? given : JOURNEYFEED_SERVER_BINARY;
}

// The environment without variables of the tests, which the server would refuse as unknown settings.
std::vector<char*> Environment() {
  std::vector<char*> variables;
  for (char** each = ::environ; *each != nullptr; ++each) {
    if (!std::string_view(*each).starts_with("JOURNEYFEED_")) variables.push_back(*each);
  }
  variables.push_back(nullptr);
  return variables;
}

}  // namespace

ServerProcess::ServerProcess(std::vector<std::string> arguments, std::chrono::milliseconds limit,
                             const std::string& binary) {
  embedded::Command command;
  command.argv = {binary.empty() ? BinaryUnderTest() : binary, "--metrics-address", "127.0.0.1:0", "--port-file",
                  directory_ / "ports"};
  if (std::find(arguments.begin(), arguments.end(), "--address") == arguments.end())
    command.argv.insert(command.argv.end(), {"--address", "127.0.0.1:0"});
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.user = embedded::CurrentUser().value_or(embedded::OsUser{});
  command.death_signal = SIGTERM;
  const std::vector<char*> environment = Environment();
  command.environment = environment.data();

  const int log = ::open((directory_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  auto started = embedded::Spawn(command, log);
  ::close(log);
  process_ = OrThrow(std::move(started));
  pid_ = process_->pid();
  AwaitPortFile(limit);
}

ServerProcess::~ServerProcess() {
  if (!Alive()) return;
  process_->Signal(SIGTERM);
  if (!process_->WaitForExit(Clock::now() + std::chrono::seconds(30))) Kill9();
}

void ServerProcess::AwaitPortFile(std::chrono::milliseconds limit) {
  const auto read = [this] {
    const auto ports = nlohmann::json::parse(ReadFile(directory_ / "ports"), nullptr, false);
    if (!ports.is_object()) return false;
    address_ = ports.value("address", "");
    metrics_address_ = ports.value("metrics_address", "");
    return !address_.empty();
  };
  const bool ended_or_ready = Eventually([&] { return read() || !Alive(); }, limit);
  if (!address_.empty()) return;
  Fail(ended_or_ready ? "the server ended with " + std::to_string(Wait()) : "the server wrote no port file in time");
}

bool ServerProcess::Alive() const { return process_ && process_->Alive(); }

void ServerProcess::Kill9() {
  process_->Signal(SIGKILL);
  Wait();
}

int ServerProcess::Terminate(std::chrono::milliseconds limit) {
  process_->Signal(SIGTERM);
  return Wait(limit);
}

int ServerProcess::Wait(std::chrono::milliseconds limit) {
  if (!process_->WaitForExit(Clock::now() + limit)) Fail("the server does not end");
  return process_->exit_code();
}

std::string ServerProcess::log() const { return ReadFile(directory_ / "log"); }

void ServerProcess::Fail(const std::string& what) const {
  const std::string text = log();
  throw std::runtime_error(what + "\n" + text.substr(text.size() - std::min(text.size(), kShownLog)));
}

}  // namespace journeyfeed::testing
