// A migrated database of a test's own, on a PostgreSQL that all tests of the process share, and what the checks need to
// know of it. Everything here is about journey run sessions.
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

// The table and the log as they are now.
FinalState ReadFinalState(const std::string& url);

// The part of a delivered session that the checks compare; the same as in ReadFinalState.
std::string ContentOf(std::string_view name, std::string_view session);

// A key without a partition of its own, the same for the same number.
RecordKey Key(int number);

class FeedDatabase {
 public:
  // On the PostgreSQL that all tests of this process share.
  FeedDatabase();
  // On another one.
  explicit FeedDatabase(TestPostgres& postgres, const std::string& name = "feed");
  // One that exists, migrated or not.
  explicit FeedDatabase(std::string url) : url_(std::move(url)) {}

  const std::string& url() const { return url_; }
  std::string Ask(const std::string& sql) const { return Query(url_, sql); }
  FinalState Final() const { return ReadFinalState(url_); }
  // Does as the owner of the tables what the guard refuses everybody else.
  void Tamper(const std::string& sql) const;
  // The pid that waits for a lock, "" when nobody does.
  bool Waits(int pid) const;

 private:
  std::string url_;
};

}  // namespace journeyfeed::testing
