// A session of the schema's owner for what is written with libpqxx, which has no way to bound a wait: a watchdog asks
// over a second session whether the server still works on the statement, and ends the first one when it does not.
#pragma once

#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <stop_token>
#include <string>
#include <thread>

#include "storage/postgres/connection.h"

namespace journeyfeed::postgres {

class OwnerSession {
 public:
  // `options`: as in Connection::Open. `stop` ends the session, whatever it waits for. Throws what pqxx throws, and
  // pqxx::broken_connection when no server can be reached.
  OwnerSession(const std::string& conninfo, const std::string& options, std::stop_token stop);
  ~OwnerSession();
  OwnerSession(const OwnerSession&) = delete;
  OwnerSession& operator=(const OwnerSession&) = delete;

  // Waits for an answer end with pqxx::broken_connection at the latest some 20 s after the server stopped working.
  pqxx::connection& connection() { return *connection_; }

 private:
  void Watch();
  bool StillWorks();

  const std::stop_token stop_;
  std::stop_source ended_;
  std::stop_callback<std::function<void()>> on_stop_;
  std::unique_ptr<Connection> witness_;  // the second session; the watchdog's
  std::unique_ptr<pqxx::connection> connection_;
  int socket_ = -1;  // of connection_, our own descriptor: libpq may close its one at any time
  int server_pid_ = 0;
  int doubtful_looks_ = 0;  // in a row; the watchdog's
  std::jthread watchdog_;
};

}  // namespace journeyfeed::postgres
