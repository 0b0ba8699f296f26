// The servers that a connection string names. libpq goes to the next server only when one refuses; it would wait for a
// server that accepts and then stays silent. So each server is tried by itself, in an order that all connections of
// this process with the same connection string share: the last good server first, a silent one last.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace journeyfeed::postgres {

struct DatabaseHost {
  std::string host;     // from the connection string; empty: libpq's default
  std::string address;  // numeric; empty: libpq resolves the name
  std::string port;
  bool operator==(const DatabaseHost&) const = default;
};

// Returns the connection string for one of its hosts, with these `options` and with limits for connecting and for
// silence.
std::string SingleHost(const std::string& conninfo, const DatabaseHost& host, const std::string& options);

// Thread-safe.
class DatabaseHosts {
 public:
  static std::shared_ptr<DatabaseHosts> Of(const std::string& conninfo);

  explicit DatabaseHosts(const std::string& conninfo);

  // Returns the hosts in the order to try. Resolves names, which may block; each address of a name counts as one host.
  std::vector<DatabaseHost> InOrder() const;

  // The values of target_session_attrs to try one after the other, each over all hosts; empty: the default.
  const std::vector<std::string>& attributes() const { return attributes_; }

  void Good(const DatabaseHost& host);
  // Notes that the host accepted a connection or a statement and did not answer in time.
  void Silent(const DatabaseHost& host);
  // True if only the primary is wanted and a newer connection found it on another host.
  bool Superseded(const DatabaseHost& host) const;

 private:
  std::vector<DatabaseHost> named_;
  std::vector<std::string> attributes_;
  bool exclusive_ = false;

  mutable std::mutex mutex_;
  DatabaseHost good_, silent_;  // guarded by mutex_
  bool has_good_ = false, has_silent_ = false;
};

}  // namespace journeyfeed::postgres
