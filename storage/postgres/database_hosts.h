// The servers that a connection string names. libpq goes on to the next one only when one refuses; one that accepts and
// then says nothing would be asked for ever. So each is tried by itself, in an order that all sessions of this process
// with the same connection string share: the last good one first, one that fell silent last.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace journeyfeed::postgres {

struct DatabaseHost {
  std::string host;     // of the connection string; empty: as libpq would choose
  std::string address;  // numeric; empty: libpq finds it
  std::string port;
  bool operator==(const DatabaseHost&) const = default;
};

// The connection string for one of its hosts, with these `options`, and with bounds of connecting and of silence.
std::string SingleHost(const std::string& conninfo, const DatabaseHost& host, const std::string& options);

// Thread-safe.
class DatabaseHosts {
 public:
  static std::shared_ptr<DatabaseHosts> Of(const std::string& conninfo);

  explicit DatabaseHosts(const std::string& conninfo);

  // Resolves names, which may block. Each address of a name counts as one host.
  std::vector<DatabaseHost> InOrder() const;

  // The values of target_session_attrs to try, one after the other, over all hosts; empty: as it is set.
  const std::vector<std::string>& attributes() const { return attributes_; }

  void Good(const DatabaseHost& host);
  // It accepted a session or a statement and did not answer in time.
  void Silent(const DatabaseHost& host);
  // Only one server accepts writes, and a newer session found it elsewhere.
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
