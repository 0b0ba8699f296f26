// A database with rows, and queries on it as the server runs them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/query/options.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/query_sql.h"
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
  // Runs statements that write, past the guard.
  void Fill(const std::string& sql) const { database_.Tamper(sql); }

  // A query of what a caller would write; throws when it is refused.
  Query Select(const dictionary::Entity& entity, std::string_view filter, std::string_view order = {}) const;
  Query Group(const dictionary::Entity& entity, std::string_view apply) const;

  // Throws with the Status' message.
  QueryPage Read(const Query& query) const;
  Result<QueryPage> TryRead(const Query& query) const;
  // The ids of all pages, in order.
  std::vector<std::string> ReadAll(Query query) const;

  // One value, asked in the session that the queries run in.
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
