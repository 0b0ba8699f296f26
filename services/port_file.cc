#include "services/port_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace journeyfeed {

std::expected<void, std::string> WritePortFile(const std::string& path, const BoundAddresses& bound) {
  const nlohmann::json content = {{"pid", getpid()},
                                  {"address", bound.address},
                                  {"port", bound.port},
                                  {"metrics_address", bound.metrics_address},
                                  {"metrics_port", bound.metrics_port}};
  const std::string fresh = path + "." + std::to_string(getpid());
  errno = 0;
  std::ofstream file(fresh, std::ios::trunc);
  file << content.dump() << '\n';
  file.close();
  if (file.fail() || std::rename(fresh.c_str(), path.c_str()) != 0) {
    const int cause = errno;
    std::remove(fresh.c_str());
    return std::unexpected("cannot write the port file " + path + ": " + std::strerror(cause));
  }
  return {};
}

}  // namespace journeyfeed
