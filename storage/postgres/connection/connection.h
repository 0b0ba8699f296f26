// One PostgreSQL connection over libpq: prepared statements, binary parameters and results, a deadline on every wait.
// The hot path uses it instead of libpqxx, which has no binary results and no way to bound a wait
// (docs/decisions/0002-libpq-on-the-hot-path.md). Not thread-safe: one thread at a time.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/postgres/connection/binary.h"
#include "storage/postgres/connection/database_hosts.h"
#include "storage/postgres/connection/statement_cache.h"

namespace journeyfeed::postgres {

// Why a statement failed.
struct SqlError {
  std::string sql_state = {};  // five characters; empty when the server did not answer
  std::string message = {};    // for the log only, never for a caller
  // The connection is gone or was given up. The statement may have been executed unless `sent` is false.
  bool connection_lost = false;
  bool sent = true;
  bool abandoned = false;  // the caller is gone; see Connection::Patience
};

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultSet = std::unique_ptr<PGresult, ResultDeleter>;

// A statement, and the name under which a connection prepares it once.
struct Statement {
  std::string name;
  std::string text;
};

enum class ResultFormat { kText = 0, kBinary = 1 };

// Settings of every connection, whatever the environment, the role or the database set: they change what values mean,
// which rows are visible, or whether statements may write. The options of a connection come after and win.
inline constexpr char kConnectionSettings[] =
    "-c client_encoding=UTF8 -c datestyle=ISO,MDY -c intervalstyle=postgres -c timezone=UTC -c extra_float_digits=1"
    " -c bytea_output=hex -c standard_conforming_strings=on -c transform_null_equals=off -c array_nulls=on"
    " -c search_path=pg_catalog,pg_temp -c default_transaction_isolation=read\\ committed"
    " -c default_transaction_read_only=off -c default_transaction_deferrable=off"
    " -c quote_all_identifiers=off -c exit_on_error=off"
    // Rows that a policy would hide cause an error.
    " -c row_security=off ";

// How long Connection::Open may take, over all hosts together.
inline constexpr std::chrono::seconds kConnectTimeout{5};

class Connection {
 public:
  // `conninfo`: a libpq connection string or URL; each of its hosts gets a share of `timeout`. `options`: passed as the
  // `options` parameter ("-c name=value ..."), after kConnectionSettings. `stop`: ends every wait of the connection at
  // once.
  static std::expected<std::unique_ptr<Connection>, SqlError> Open(const std::string& conninfo,
                                                                   const std::string& options,
                                                                   std::chrono::milliseconds timeout,
                                                                   std::stop_token stop = {});

  // Prepares the statement if this connection has not, and executes it. Gives the connection up if no answer arrives
  // within `timeout`, which must exceed the server's statement timeout.
  std::expected<ResultSet, SqlError> Execute(const Statement& statement, const Params& params, ResultFormat format,
                                             std::chrono::milliseconds timeout);

  // Like Execute, for a statement that may not occur again. The first time it is sent with its parameters in one round
  // trip and planned for their values. It is prepared when it occurs again (see StatementCache).
  std::expected<ResultSet, SqlError> ExecuteAny(const std::string& text, const Params& params, ResultFormat format,
                                                std::chrono::milliseconds timeout);

  // Like Execute, for a statement that is not worth preparing.
  std::expected<ResultSet, SqlError> ExecuteOnce(const std::string& text, const Params& params, ResultFormat format,
                                                 std::chrono::milliseconds timeout);

  // False after a loss: every call fails at once. Open another connection.
  bool usable() const { return usable_ && !hosts_->Superseded(host_); }

  // The server's host, and the process id of the backend.
  const DatabaseHost& host() const { return host_; }
  int server_pid() const { return PQbackendPID(connection_.get()); }

  // Like usable(), but also reads the socket: detects that the server closed an idle connection.
  bool Alive();

  // While it lives, the statements of this connection serve a caller that waits until `until` or until `gone`. A
  // statement that still runs soon after that costs the connection, and the server ends the statement. Requires
  // kEndsWithItsClient in the options of Open.
  class Patience;

  // Treats the connection as lost, because it leads to the wrong server.
  void GiveUp() { usable_ = false; }

  // Waits until the server sends something unasked (a notification, or the end of the connection), `wake` (a file
  // descriptor) is readable, or `limit` has passed. Returns false if the connection is lost.
  bool AwaitActivity(std::chrono::milliseconds limit, int wake);

  // Returns the payloads of the notifications from other connections that arrived since the last call.
  std::vector<std::string> TakeNotifications();

  // Returns whether a warning arrived since the last call. A write with a warning ("canceling wait for synchronous
  // replication") is committed on this server but perhaps on no other.
  bool TakeWarning() { return std::exchange(warned_, false); }

 private:
  struct Closer {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  struct Event {
    Event();
    ~Event();
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    const int descriptor;
  };

  Connection(PGconn* connection, std::shared_ptr<DatabaseHosts> hosts, DatabaseHost host, std::stop_token stop);
  static std::expected<std::unique_ptr<Connection>, SqlError> OpenOne(
      const std::string& conninfo, const std::string& options, const std::string& attributes,
      std::shared_ptr<DatabaseHosts> hosts, const DatabaseHost& host, std::chrono::steady_clock::time_point deadline,
      std::stop_token stop);
  // Returns false if the deadline has passed, if waiting has become pointless, or if `wake` is readable.
  bool AwaitSocket(short events, std::chrono::steady_clock::time_point deadline, int wake = -1) const;
  SqlError Unanswered(std::chrono::steady_clock::time_point deadline);
  SqlError Silent(std::string message, bool sent);
  std::expected<ResultSet, SqlError> Await(std::chrono::steady_clock::time_point deadline);
  bool AwaitAnswer(std::chrono::steady_clock::time_point deadline);
  std::expected<void, SqlError> Prepare(const Statement& statement, std::chrono::steady_clock::time_point deadline);
  SqlError Lost(std::string message, bool sent);

  std::unique_ptr<PGconn, Closer> connection_;
  std::set<std::string, std::less<>> prepared_;
  StatementCache cache_;
  const std::shared_ptr<DatabaseHosts> hosts_;
  const DatabaseHost host_;
  const std::stop_token stop_;
  bool usable_ = true;
  bool warned_ = false;
  const Patience* patience_ = nullptr;
  const Event gone_;  // readable when the caller of `patience_` is gone
};

// Lets the server check the client of a long statement, and end the statement when the client is gone.
inline constexpr char kEndsWithItsClient[] = " -c client_connection_check_interval=250ms";

class Connection::Patience {
 public:
  // A statement that ends within `time_to_end` after the caller is gone does not cost the connection.
  Patience(Connection& connection, std::chrono::steady_clock::time_point until, std::stop_token gone,
           std::chrono::milliseconds time_to_end = std::chrono::milliseconds(100));
  ~Patience();
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

 private:
  friend class Connection;
  struct Wake {
    int event;
    void operator()() const;
  };
  Connection& connection_;
  const std::chrono::steady_clock::time_point until_;
  const std::stop_token gone_;
  const std::chrono::milliseconds time_to_end_;
  std::optional<std::stop_callback<Wake>> on_gone_;
};

}  // namespace journeyfeed::postgres
