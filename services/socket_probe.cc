#include "services/socket_probe.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <expected>
#include <memory>

namespace journeyfeed {
namespace {

constexpr char kUnknown[] = "the address cannot be used";

using AddressInfo = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

// The error is the system's text.
std::expected<AddressInfo, std::string> Resolve(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || address.starts_with("unix:")) return std::unexpected(kUnknown);
  std::string host = address.substr(0, colon);
  if (host.starts_with("[") && host.ends_with("]")) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
  if (error != 0) return std::unexpected(::gai_strerror(error));
  return AddressInfo(found, &::freeaddrinfo);
}

int Open(const addrinfo& address) {
  return ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol);
}

}  // namespace

std::string ListenProblem(const std::string& address) {
  const auto info = Resolve(address);
  if (!info) return info.error();
  const int descriptor = Open(**info);
  if (descriptor < 0) return std::strerror(errno);
  const int one = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  const bool bound = ::bind(descriptor, (*info)->ai_addr, (*info)->ai_addrlen) == 0 && ::listen(descriptor, 1) == 0;
  const int cause = errno;
  ::close(descriptor);
  return bound ? kUnknown : std::strerror(cause);
}

void Knock(const std::string& address) {
  const auto info = Resolve(address);
  if (!info) return;
  const int descriptor = Open(**info);
  if (descriptor < 0) return;
  (void)::connect(descriptor, (*info)->ai_addr, (*info)->ai_addrlen);
  ::close(descriptor);
}

}  // namespace journeyfeed
