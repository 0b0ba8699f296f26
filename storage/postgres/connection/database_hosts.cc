#include "storage/postgres/connection/database_hosts.h"

#include <libpq-fe.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <string_view>

namespace journeyfeed::postgres {
namespace {

std::map<std::string, std::string> Parse(const std::string& conninfo) {
  std::map<std::string, std::string> values;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(conninfo.c_str(), nullptr),
                                                                             &PQconninfoFree);
  if (!options) return values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values.emplace(option->keyword, option->val);
  }
  const bool service = values.contains("service") || std::getenv("PGSERVICE") != nullptr;
  for (const auto& [keyword, variable] : {std::pair{"host", "PGHOST"},
                                          {"hostaddr", "PGHOSTADDR"},
                                          {"port", "PGPORT"},
                                          {"target_session_attrs", "PGTARGETSESSIONATTRS"}}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && !service) values.emplace(keyword, value);
  }
  return values;
}

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> parts;
  if (list.empty()) return parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const auto end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<DatabaseHost> Resolve(const DatabaseHost& named) {
  const bool local = named.host.empty() || named.host.starts_with('/') || named.host.starts_with('@');
  if (local || !named.address.empty()) return {named};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(named.host.c_str(), nullptr, &hints, &found) != 0) return {named};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  std::vector<DatabaseHost> hosts;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      hosts.push_back({named.host, text.data(), named.port});
  }
  return hosts.empty() ? std::vector{named} : hosts;
}

std::string Quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

}  // namespace

std::string SingleHost(const std::string& conninfo, const DatabaseHost& host, const std::string& options) {
  auto values = Parse(conninfo);
  if (values.empty()) return conninfo;  // libpq cannot parse it and will say so
  values["host"] = host.host;
  values["hostaddr"] = host.address;
  values["port"] = host.port;
  values["options"] = options;
  values["client_encoding"] = "UTF8";
  values["application_name"] = "journeyfeed";
  values["connect_timeout"] = "5";
  values["tcp_user_timeout"] = "10000";
  values["keepalives"] = "1";
  values["keepalives_idle"] = "10";
  values["keepalives_interval"] = "5";
  values["keepalives_count"] = "3";
  if (values["target_session_attrs"] == "prefer-standby") values["target_session_attrs"] = "any";
  std::string text;
  for (const auto& [keyword, value] : values) {
    if (!value.empty()) text += keyword + "=" + Quoted(value) + " ";
  }
  return text;
}

std::shared_ptr<DatabaseHosts> DatabaseHosts::Of(const std::string& conninfo) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<DatabaseHosts>> known;
  const std::scoped_lock lock(mutex);
  auto& hosts = known[conninfo];
  if (!hosts) hosts = std::make_shared<DatabaseHosts>(conninfo);
  return hosts;
}

DatabaseHosts::DatabaseHosts(const std::string& conninfo) {
  auto values = Parse(conninfo);
  const auto hosts = Split(values["host"]), addresses = Split(values["hostaddr"]), ports = Split(values["port"]);
  const auto at = [](const std::vector<std::string>& list, std::size_t i) {
    if (list.size() == 1) return list[0];  // one port for all hosts
    return i < list.size() ? list[i] : std::string();
  };
  for (std::size_t i = 0; i < std::max({hosts.size(), addresses.size(), std::size_t{1}}); ++i) {
    named_.push_back({i < hosts.size() ? hosts[i] : "", i < addresses.size() ? addresses[i] : "", at(ports, i)});
  }
  const std::string& wanted = values["target_session_attrs"];
  exclusive_ = wanted == "read-write" || wanted == "primary";
  // Each attempt has a single host, for which prefer-standby always holds: try "standby" over all hosts, then "any".
  attributes_ = wanted == "prefer-standby" ? std::vector<std::string>{"standby", "any"} : std::vector{wanted};
}

std::vector<DatabaseHost> DatabaseHosts::InOrder() const {
  std::vector<DatabaseHost> hosts;
  for (const DatabaseHost& named : named_) {
    for (DatabaseHost& host : Resolve(named)) hosts.push_back(std::move(host));
  }
  const std::scoped_lock lock(mutex_);
  std::stable_partition(hosts.begin(), hosts.end(), [&](const auto& host) { return has_good_ && host == good_; });
  std::stable_partition(hosts.begin(), hosts.end(), [&](const auto& host) { return !has_silent_ || host != silent_; });
  return hosts;
}

void DatabaseHosts::Good(const DatabaseHost& host) {
  const std::scoped_lock lock(mutex_);
  good_ = host;
  has_good_ = true;
  if (host == silent_) has_silent_ = false;
}

void DatabaseHosts::Silent(const DatabaseHost& host) {
  const std::scoped_lock lock(mutex_);
  silent_ = host;
  has_silent_ = true;
}

bool DatabaseHosts::Superseded(const DatabaseHost& host) const {
  if (!exclusive_) return false;
  const std::scoped_lock lock(mutex_);
  return has_good_ && host != good_;
}

}  // namespace journeyfeed::postgres
