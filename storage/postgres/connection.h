// One session with PostgreSQL over libpq: prepared statements, binary both ways, a deadline on every wait. The hot path
// uses this instead of libpqxx, which has no binary results and no way to bound a wait
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

#include "storage/postgres/binary.h"
#include "storage/postgres/database_hosts.h"
#include "storage/postgres/statement_cache.h"

namespace journeyfeed::postgres {

// Why a statement failed.
struct SqlError {
  std::string sql_state = {};  // five characters; empty when the server did not answer
  std::string message = {};    // for the log only, never for a caller
  // The connection is gone or was given up. The statement may have been executed unless `sent` is false.
  bool connection_lost = false;
  bool sent = true;
  bool abandoned = false;  // the caller has gone; see Connection::Patience
};

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultSet = std::unique_ptr<PGresult, ResultDeleter>;

// A statement with a name under which a session prepares it once.
struct Statement {
  std::string name;
  std::string text;
};

enum class ResultFormat { kText = 0, kBinary = 1 };

// What every session sets for itself, whatever the environment, the role or the database say: settings that change what
// values mean, which rows are seen, or whether statements may write. A session's own options come after.
inline constexpr char kSessionSettings[] =
    "-c client_encoding=UTF8 -c datestyle=ISO,MDY -c intervalstyle=postgres -c timezone=UTC -c extra_float_digits=1"
    " -c bytea_output=hex -c standard_conforming_strings=on -c transform_null_equals=off -c array_nulls=on"
    " -c search_path=pg_catalog,pg_temp -c default_transaction_isolation=read\\ committed"
    " -c default_transaction_read_only=off -c default_transaction_deferrable=off"
    " -c quote_all_identifiers=off -c exit_on_error=off"
    // Rows that a policy would hide are an error.
    " -c row_security=off ";

// How long Connection::Open may take, over all hosts together.
inline constexpr std::chrono::seconds kConnectTimeout{5};

class Connection {
 public:
  // `conninfo`: a libpq connection string or URL; each of its hosts has a share of `timeout`. `options`: passed as the
  // `options` parameter ("-c name=value ..."), after kSessionSettings. `stop`: ends every wait of the session at once.
  static std::expected<std::unique_ptr<Connection>, SqlError> Open(const std::string& conninfo,
                                                                   const std::string& options,
                                                                   std::chrono::milliseconds timeout,
                                                                   std::stop_token stop = {});

  // Prepares the statement if this session has not, and executes it. Gives up and closes the session when no answer
  // came within `timeout`, which is to be longer than the server's own statement timeout.
  std::expected<ResultSet, SqlError> Execute(const Statement& statement, const Params& params, ResultFormat format,
                                             std::chrono::milliseconds timeout);

  // The same for one of many statements that may or may not come again: sent with its parameters in one round trip and
  // planned for their values, but prepared when it comes a second time (see StatementCache).
  std::expected<ResultSet, SqlError> ExecuteAny(const std::string& text, const Params& params, ResultFormat format,
                                                std::chrono::milliseconds timeout);

  // The same for a statement that is not worth keeping.
  std::expected<ResultSet, SqlError> ExecuteOnce(const std::string& text, const Params& params, ResultFormat format,
                                                 std::chrono::milliseconds timeout);

  // After a lost connection every call fails at once; open another one.
  bool usable() const { return usable_ && !hosts_->Superseded(host_); }

  // Where it leads to, and its process there.
  const DatabaseHost& host() const { return host_; }
  int server_pid() const { return PQbackendPID(connection_.get()); }

  // The same, after asking the socket: a session that the server ended while it was idle is seen here.
  bool Alive();

  // While it lives, statements (of one thread) are for a caller who waits until `until` or until `gone`. Soon after
  // that a session is given up whose statement still runs, and the server ends the statement: Open's options must have
  // kEndsWithItsClient.
  class Patience;

  // It leads to the wrong server: as if it were lost.
  void GiveUp() { usable_ = false; }

  // Waits until something arrived that nobody asked for, `wake` (a file descriptor) can be read, or `limit` has passed.
  // False: the session is lost.
  bool AwaitActivity(std::chrono::milliseconds limit, int wake);

  // The payloads of the notifications of other sessions that arrived since the last call of this function.
  std::vector<std::string> TakeNotifications();

  // A warning arrived since the last call of this function. A write that was warned about ("canceling wait for
  // synchronous replication") is committed here but perhaps nowhere else.
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
  // False: the deadline has passed, there is no point in waiting for it, or `wake` is readable.
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
  const Event gone_;  // readable when the caller of `patience_` has gone
};

// Makes a server look at the client of a statement that runs long, and end the statement when it is gone.
inline constexpr char kEndsWithItsClient[] = " -c client_connection_check_interval=250ms";

class Connection::Patience {
 public:
  // A statement that ends within `time_to_end` after its caller went costs no session.
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
