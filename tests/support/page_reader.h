// A consumer of the feed that reads the store's pages itself, one at a time, and records them.
#pragma once

#include <functional>
#include <memory>

#include "storage/postgres/feed/change_pages.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {

// A page as a message for the checks.
RecordedMessage Record(const ChangePage& page);

class PageReader {
 public:
  using Session = std::shared_ptr<postgres::Connection>;

  explicit PageReader(const FeedDatabase& database, std::optional<postgres::Position> from = {}, Copy copy = {});
  // Over a connection that others also use, one after the other.
  PageReader(Session session, std::optional<postgres::Position> from, Copy copy);

  // Log rows or records per page.
  PageReader& PageSize(std::int32_t size);
  // Bytes per page.
  PageReader& MaxBytes(std::int64_t bytes);
  PageReader& Partition(std::string partition_id);
  PageReader& StartAtHead();

  // Reads one page and moves on after it. Returns whether it succeeded; else see error().
  bool Step();
  // Reads until the changes are at the head. Returns whether it got there.
  bool ReadToHead();
  // Reads what follows `position`, without moving on.
  Result<ChangePage> Look(const postgres::Position& position);

  const RecordedFeed& feed() const { return feed_; }
  const std::optional<Failure>& error() const { return error_; }
  // Precondition: there is one.
  const postgres::Position& position() const { return *position_; }
  bool loading() const { return !position_ || position_->load; }
  // Called with the index of each recorded message.
  std::function<void(std::size_t)> on_message = [](std::size_t) {};

 private:
  const Session session_;
  postgres::ChangePages pages_;
  ChangePageRequest call_;
  std::optional<postgres::Position> position_;  // after the last page
  RecordedFeed feed_;
  std::optional<Failure> error_;
  std::int64_t head_ = 0;
};

// A connection with the options of the service's readers.
PageReader::Session OpenReadConnection(const FeedDatabase& database);

// Resumes from every token of a feed (from 60 evenly spread ones if there are more) and checks each resumption
// (CheckResumable) with all other promises.
std::vector<std::string> ResumeFromEveryToken(const FeedDatabase& database, const RecordedFeed& feed,
                                              const FinalState& final, std::int32_t page_size);

}  // namespace journeyfeed::testing
