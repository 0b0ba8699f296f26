// A migrated database for one test, on a PostgreSQL that all tests of the process share, and what the checks need to
// know about it. Everything here concerns journey run sessions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "storage/dictionary/dictionary.h"
#include "tests/support/feed_record.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {

const dictionary::Entity& Sessions();

// Reads the current table and log.
FinalState ReadFinalState(const std::string& url);

// The part of a delivered session that the checks compare, in the same form as in ReadFinalState.
std::string ContentOf(std::string_view name, std::string_view session);

// A key without a partition; the same number always gives the same key.
RecordKey Key(int number);

class FeedDatabase {
 public:
  // On the PostgreSQL that all tests of this process share.
  FeedDatabase();
  // On another PostgreSQL.
  explicit FeedDatabase(TestPostgres& postgres, const std::string& name = "feed");
  // An existing database, migrated or not.
  explicit FeedDatabase(std::string url) : url_(std::move(url)) {}

  const std::string& url() const { return url_; }
  std::string Ask(const std::string& sql) const { return Query(url_, sql); }
  FinalState Final() const { return ReadFinalState(url_); }
  // Does as the owner of the tables what the guard refuses all others.
  void Tamper(const std::string& sql) const;
  // Whether the backend `pid` waits for a lock.
  bool Waits(int pid) const;

 private:
  std::string url_;
};

}  // namespace journeyfeed::testing
