// A connection of the schema's owner for code on libpqxx, which has no way to bound a wait. A watchdog asks over a
// second connection whether the server still works on the statement, and closes the first one if it does not.
#pragma once

#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <stop_token>
#include <string>
#include <thread>

#include "storage/postgres/connection/connection.h"

namespace journeyfeed::postgres {

class OwnerConnection {
 public:
  // `options`: as in Connection::Open. `stop` ends every wait of the connection. Throws what pqxx throws, and
  // pqxx::broken_connection if no server can be reached.
  OwnerConnection(const std::string& conninfo, const std::string& options, std::stop_token stop);
  ~OwnerConnection();
  OwnerConnection(const OwnerConnection&) = delete;
  OwnerConnection& operator=(const OwnerConnection&) = delete;

  // If the server stops working, a wait for its answer ends with pqxx::broken_connection within about 20 s.
  pqxx::connection& connection() { return *connection_; }

 private:
  void Watch();
  bool StillWorks();

  const std::stop_token stop_;
  std::stop_source ended_;
  std::stop_callback<std::function<void()>> on_stop_;
  std::unique_ptr<Connection> witness_;  // the second connection; used only by the watchdog
  std::unique_ptr<pqxx::connection> connection_;
  int socket_ = -1;  // of connection_, a duplicate: libpq may close its own descriptor at any time
  int server_pid_ = 0;
  int doubtful_polls_ = 0;  // in a row; used only by the watchdog
  std::jthread watchdog_;
};

}  // namespace journeyfeed::postgres
