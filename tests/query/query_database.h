// A database with rows, and queries that run on it as in the server.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/query/options.h"
#include "storage/postgres/connection/connection.h"
#include "storage/postgres/sql/query_sql.h"
#include "storage/query.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::query_test {

using journeyfeed::testing::FeedDatabase;
using journeyfeed::testing::Sessions;

const dictionary::Entity& Journeys();

class QueryDatabase {
 public:
  QueryDatabase() : QueryDatabase(FeedDatabase()) {}
  explicit QueryDatabase(FeedDatabase database);

  const FeedDatabase& database() const { return database_; }
  // Runs statements that write, bypassing the guard.
  void Fill(const std::string& sql) const { database_.Tamper(sql); }

  // The query for what a caller would write. Throws if it is refused.
  Query Select(const dictionary::Entity& entity, std::string_view filter, std::string_view order = {}) const;
  Query Group(const dictionary::Entity& entity, std::string_view apply) const;

  // Throws with the message of the Failure.
  QueryPage Read(const Query& query) const;
  Result<QueryPage> TryRead(const Query& query) const;
  // The ids of all pages, in order.
  std::vector<std::string> ReadAll(Query query) const;

  // Reads one value over the connection that runs the queries.
  std::string AskInSession(const std::string& sql) const;

  // EXPLAIN of a statement, one line each.
  std::string Explain(const postgres::CompiledQuery& compiled) const;

 private:
  FeedDatabase database_;
  std::unique_ptr<postgres::Connection> connection_;
};

// The id of a record of a page.
std::string IdOf(const dictionary::Entity& entity, const std::string& record);

}  // namespace journeyfeed::query_test
