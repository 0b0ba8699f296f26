#include "services/listen_problem.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace journeyfeed {
namespace {

constexpr char kUnknown[] = "the address cannot be used";

std::string TryBind(const addrinfo& address) {
  const int descriptor = ::socket(address.ai_family, address.ai_socktype, address.ai_protocol);
  if (descriptor < 0) return std::strerror(errno);
  const int one = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  const bool bound = ::bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 && ::listen(descriptor, 1) == 0;
  const int cause = errno;
  ::close(descriptor);
  return bound ? kUnknown : std::strerror(cause);
}

}  // namespace

std::string ListenProblem(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || address.starts_with("unix:")) return kUnknown;
  std::string host = address.substr(0, colon);
  if (host.starts_with("[") && host.ends_with("]")) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
  if (error != 0) return ::gai_strerror(error);
  const std::string problem = TryBind(*found);
  ::freeaddrinfo(found);
  return problem;
}

}  // namespace journeyfeed
