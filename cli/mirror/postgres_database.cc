#include "cli/mirror/postgres_database.h"

#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <string_view>

namespace journeyfeed::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kLongestStatement = std::chrono::minutes(10);  // a sweep reads the whole table
constexpr auto kGraceAfterStop = std::chrono::seconds(2);
constexpr int kLookMilliseconds = 100;

// libpq lets the connection string, which comes last, override them.
constexpr std::array kKeywords{"fallback_application_name",
                               "client_encoding",
                               "connect_timeout",
                               "keepalives_idle",
                               "tcp_user_timeout",
                               "dbname",
                               static_cast<const char*>(nullptr)};

// What follows guesses at causes.
std::string FirstLine(std::string_view message) { return std::string(message.substr(0, message.find('\n'))); }

// Of the classes of SQLSTATE: the connection, an operator or a lock, and not the statement.
bool IsTemporary(std::string_view state) {
  return state.empty() || state.starts_with("08") || state.starts_with("57P") || state.starts_with("40") ||
         state == "57014" || state == "55P03" || state == "53300" || state == "25006";
}

void AppendElement(std::string& array, const std::optional<std::string>& value) {
  if (array.size() > 1) array += ',';
  if (!value) {
    array += "null";
    return;
  }
  array += '"';
  for (const char c : *value) {
    if (c == '"' || c == '\\') array += '\\';
    array += c;
  }
  array += '"';
}

}  // namespace

void PostgresDatabase::Free::operator()(pg_conn* connection) const { PQfinish(connection); }
void PostgresDatabase::Free::operator()(pg_result* result) const { PQclear(result); }

bool PostgresDatabase::IsConnectionString(const std::string& text) {
  PQconninfoOption* const options = PQconninfoParse(text.c_str(), nullptr);
  PQconninfoFree(options);
  return options != nullptr;
}

TargetResult<void> PostgresDatabase::Connect() {
  if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return {};
  // A server that has just become ready may have refused the first attempt.
  auto failure = Attempt();
  if (failure && !failure->temporary) failure = Attempt();
  if (failure) return std::unexpected(*std::move(failure));
  PQsetnonblocking(connection_.get(), 1);
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  if (auto set = Execute("set lock_timeout = '2s'"); !set) return std::unexpected(std::move(set.error()));
  reached_ = true;
  return {};
}

std::optional<TargetFailure> PostgresDatabase::Attempt() {
  const std::array values{
      "journeyctl mirror", "UTF8", "10", "30", "30000", target_.c_str(), static_cast<const char*>(nullptr)};
  connection_.reset(PQconnectdbParams(kKeywords.data(), values.data(), /*expand_dbname=*/1));
  if (PQstatus(connection_.get()) == CONNECTION_OK) return std::nullopt;
  const std::string message = "cannot connect to the target: " + FirstLine(PQerrorMessage(connection_.get()));
  connection_.reset();
  if (reached_ || PQpingParams(kKeywords.data(), values.data(), /*expand_dbname=*/1) != PQPING_OK) {
    return TargetAway(message);
  }
  return UnusableTarget(message);
}

TargetResult<void> PostgresDatabase::Begin() {
  if (auto connected = Connect(); !connected) return connected;
  auto begun = Execute("begin");
  return begun ? TargetResult<void>() : std::unexpected(std::move(begun.error()));
}

TargetResult<void> PostgresDatabase::Commit() {
  auto committed = Execute("commit");
  return committed ? TargetResult<void>() : std::unexpected(std::move(committed.error()));
}

void PostgresDatabase::Rollback() {
  if (connection_ && PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) (void)Execute("rollback");
}

TargetResult<PostgresDatabase::Rows> PostgresDatabase::Execute(const std::string& sql, const Values& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  const int count = static_cast<int>(values.size());
  if (!connection_) return std::unexpected(TargetAway("there is no connection to the target"));
  if (PQsendQueryParams(connection_.get(), sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0) == 0) {
    return std::unexpected(Failed(nullptr));
  }
  auto result = TakeAnswer();
  if (!result) return std::unexpected(std::move(result.error()));
  Rows rows;
  for (int row = 0; row < PQntuples(result->get()); ++row) {
    Values& to = rows.emplace_back();
    for (int i = 0; i < PQnfields(result->get()); ++i) {
      const bool null = PQgetisnull(result->get(), row, i) != 0;
      to.push_back(null ? std::nullopt : std::optional<std::string>(PQgetvalue(result->get(), row, i)));
    }
  }
  return rows;
}

TargetResult<void> PostgresDatabase::ExecuteForAll(const std::string& sql, const Rows& rows) {
  if (rows.empty()) return {};
  Values arrays(rows[0].size(), "{");
  for (const Values& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) AppendElement(*arrays[i], row[i]);
  }
  for (auto& array : arrays) *array += '}';
  auto done = Execute(sql, arrays);
  return done ? TargetResult<void>() : std::unexpected(std::move(done.error()));
}

TargetResult<PostgresDatabase::Result> PostgresDatabase::TakeAnswer() {
  Result answer;
  for (;;) {
    if (!AwaitAnswer()) return std::unexpected(Abandon());
    Result next(PQgetResult(connection_.get()));
    if (!next) break;
    const bool failed = answer && PQresultStatus(answer.get()) == PGRES_FATAL_ERROR;
    if (!failed) answer = std::move(next);
  }
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return std::unexpected(Failed(answer.get()));
  return answer;
}

bool PostgresDatabase::AwaitAnswer() {
  const auto began = SteadyClock::now();
  std::optional<SteadyClock::time_point> stopped;
  for (;;) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0 || PQconsumeInput(connection_.get()) == 0) return true;  // PQgetResult tells the error
    if (unsent == 0 && PQisBusy(connection_.get()) == 0) return true;
    const auto now = SteadyClock::now();
    if (stop_.stop_requested() && !stopped) stopped = now;
    if (now - began > kLongestStatement || (stopped && now - *stopped > kGraceAfterStop)) return false;
    const short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
    pollfd socket{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
    (void)poll(&socket, 1, kLookMilliseconds);
  }
}

TargetFailure PostgresDatabase::Failed(const pg_result* result) const {
  const char* const state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  const char* const text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  const std::string message = "the target failed: " + FirstLine(text ? text : PQerrorMessage(connection_.get()));
  const bool lost = PQstatus(connection_.get()) != CONNECTION_OK;
  if (lost || IsTemporary(state ? state : "")) return TargetAway(message);
  return UnusableTarget(message, std::string_view(state) == "53100"
                                     ? "make room, then run the same command: it goes on where the target is"
                                     : "");
}

TargetFailure PostgresDatabase::Abandon() {
  std::array<char, 256> error{};
  if (PGcancel* const cancel = PQgetCancel(connection_.get())) {
    PQcancel(cancel, error.data(), static_cast<int>(error.size()));
    PQfreeCancel(cancel);
  }
  connection_.reset();
  return TargetAway("the target took too long");
}

}  // namespace journeyfeed::cli
