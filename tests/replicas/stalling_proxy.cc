#include "tests/replicas/stalling_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <regex>
#include <stdexcept>
#include <vector>

namespace journeyfeed::testing {
namespace {

constexpr const char* kSocket = ".s.PGSQL.5432";
constexpr int kLookMilliseconds = 5;  // how often it checks for a change
constexpr std::size_t kMostHeld = 1 << 16;

sockaddr_un AddressOf(const std::filesystem::path& directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory / kSocket;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long for a socket: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  return address;
}

int NewSocket() {
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) throw std::runtime_error("no socket");
  return made;
}

bool WouldWait() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

std::string SocketDirectoryOf(const std::string& url) {
  std::smatch found;
  if (!std::regex_search(url, found, std::regex("host='?([^' ]+)"))) throw std::runtime_error("no host in " + url);
  return found[1];
}

std::string StallingProxy::Url(const std::string& url) const {
  std::string through = url;
  const std::string host = SocketDirectoryOf(url);
  return through.replace(through.find(host), host.size(), directory().string());
}

void StallingProxy::SilenceOneThatSays(std::string text) {
  const std::scoped_lock lock(mutex_);
  silencing_ = std::move(text);
}

StallingProxy::StallingProxy(std::filesystem::path target) : target_(std::move(target)), listener_(NewSocket()) {
  const sockaddr_un address = AddressOf(directory_.path());
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 128) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  thread_ = std::jthread([this](std::stop_token stop) { ForwardAll(stop); });
}

StallingProxy::~StallingProxy() {
  thread_.request_stop();
  thread_.join();
  for (const Link& link : links_) Close(link);
  ::close(listener_);
}

void StallingProxy::ForwardAll(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (cut_.exchange(false)) {
      for (const Link& link : links_) Close(link);
      links_.clear();
    }
    std::vector<pollfd> waits = {{listener_, POLLIN, 0}};
    if (!stalled_) {
      for (const Link& link : links_) {
        if (link.silent) continue;
        for (const Pipe* pipe : {&link.up, &link.down}) {
          if (pipe->bytes.size() < kMostHeld) waits.push_back({pipe->from, POLLIN, 0});
          if (!pipe->bytes.empty()) waits.push_back({pipe->to, POLLOUT, 0});
        }
      }
    }
    ::poll(waits.data(), waits.size(), kLookMilliseconds);
    Accept();
    if (stalled_) continue;
    std::erase_if(links_, [this](Link& link) {
      if (Move(link)) return false;
      Close(link);
      return true;
    });
  }
}

void StallingProxy::Accept() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  const int server = NewSocket();
  const sockaddr_un address = AddressOf(target_);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  ++accepted_;
  links_.push_back({{client, server}, {server, client}});
}

bool StallingProxy::Move(Link& link) {
  if (link.silent) return true;
  if (!Pull(link.up) || !Pull(link.down)) return false;
  link.silent = SaysIt(link);
  return link.silent || (Push(link.up) && Push(link.down));
}

bool StallingProxy::SaysIt(const Link& link) {
  const std::scoped_lock lock(mutex_);
  if (silencing_.empty() || link.up.bytes.find(silencing_) == std::string::npos) return false;
  silencing_.clear();
  ++silenced_;
  return true;
}

bool StallingProxy::Pull(Pipe& pipe) {
  std::array<char, 16384> chunk;
  if (pipe.bytes.size() < kMostHeld) {
    const ssize_t count = ::recv(pipe.from, chunk.data(), chunk.size(), 0);
    if (count == 0 || (count < 0 && !WouldWait())) return false;
    if (count > 0) pipe.bytes.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return true;
}

bool StallingProxy::Push(Pipe& pipe) {
  if (pipe.bytes.empty()) return true;
  const ssize_t sent = ::send(pipe.to, pipe.bytes.data(), pipe.bytes.size(), MSG_NOSIGNAL);
  if (sent < 0) return WouldWait();
  pipe.bytes.erase(0, static_cast<std::size_t>(sent));
  return true;
}

void StallingProxy::Close(const Link& link) {
  ::close(link.up.from);
  ::close(link.up.to);
}

}  // namespace journeyfeed::testing
