#include "tests/support/page_reader.h"

#include <stdexcept>

#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"
#include "tests/support/feed_checks.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kMostPages = 100000;
constexpr std::size_t kMostResumed = 60;

RecordedChange Record(const Change& change) {
  RecordedChange recorded{.key = change.key,
                          .version = change.version,
                          .seq = change.seq,
                          .removed = change.removed,
                          .call_end = change.call_end};
  if (change.removed) return recorded;
  journeyrunsession::v1::JourneyRunSession session;
  if (!session.ParseFromString(change.record)) throw std::runtime_error("a delivered record cannot be parsed");
  recorded.key.id = *Uuid::Parse(session.id());
  if (session.partition_id() != session.id()) recorded.key.partition_id = session.partition_id();
  recorded.content = ContentOf(session.name(), session.session());
  if (session.version_number() != change.version) recorded.version = -1;  // breaks every promise
  return recorded;
}

}  // namespace

RecordedMessage Record(const ChangePage& page) {
  RecordedMessage message{.initial_load = page.next.loading || page.load_ended,
                          .consistent = page.next.consistent,
                          .call_end = page.call_end,
                          .ended_before = page.ended_before.has_value(),
                          .position = OrThrow(postgres::DecodePosition(page.next.position))};
  for (const Change& change : page.changes) message.changes.push_back(Record(change));
  return message;
}

PageReader::Session OpenReadConnection(const FeedDatabase& database) {
  auto opened = postgres::Connection::Open(database.url(),
                                           "-c jit=off -c enable_seqscan=off -c timezone=UTC -c lock_timeout=300", 10s);
  if (!opened) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

PageReader::PageReader(const FeedDatabase& database, std::optional<postgres::Position> from, Copy copy)
    : PageReader(OpenReadConnection(database), std::move(from), std::move(copy)) {}

PageReader::PageReader(Session session, std::optional<postgres::Position> from, Copy copy)
    : session_(std::move(session)), pages_(30s) {
  call_.entity = &Sessions();
  if (from) call_.after = postgres::EncodePosition(*from);
  position_ = from;
  feed_.from = std::move(from);
  feed_.copy = std::move(copy);
}

PageReader& PageReader::PageSize(std::int32_t size) {
  call_.max_changes = size;
  return *this;
}

PageReader& PageReader::MaxBytes(std::int64_t bytes) {
  call_.max_bytes = bytes;
  return *this;
}

PageReader& PageReader::Partition(std::string partition_id) {
  call_.partition_id = std::move(partition_id);
  return *this;
}

PageReader& PageReader::StartAtHead() {
  call_.start_at_head = true;
  return *this;
}

bool PageReader::Step() {
  auto page = pages_.Read(*session_, call_);
  if (!page) {
    error_ = page.error();
    return false;
  }
  error_.reset();
  call_.after = page->next.position;
  head_ = page->head;
  feed_.messages.push_back(Record(*page));
  position_ = feed_.messages.back().position;
  on_message(feed_.messages.size() - 1);
  return true;
}

bool PageReader::ReadToHead() {
  for (int pages = 0; pages < kMostPages; ++pages) {
    if (!Step()) return false;
    if (!loading() && position().seq >= head_ && feed_.messages.back().changes.empty()) return true;
  }
  return false;
}

Result<ChangePage> PageReader::Look(const postgres::Position& position) {
  ChangePageRequest call = call_;
  call.after = postgres::EncodePosition(position);
  return pages_.Read(*session_, call);
}

std::vector<std::string> ResumeFromEveryToken(const FeedDatabase& database, const RecordedFeed& feed,
                                              const FinalState& final, std::int32_t page_size) {
  std::vector<std::string> problems;
  const auto session = OpenReadConnection(database);
  const std::size_t count = feed.messages.size(), step = count / kMostResumed + 1;
  Copy copy = feed.copy;
  for (std::size_t i = 0; i < count && problems.size() < 10; ++i) {
    Apply(feed.messages[i], copy);
    if (i % step != 0) continue;
    PageReader reader(session, feed.messages[i].position, copy);
    if (!reader.PageSize(page_size).ReadToHead()) {
      problems.push_back("resumable: " + (reader.error() ? reader.error()->message : "the stream has no end"));
      continue;
    }
    for (auto& problem : CheckResumable(feed, i, reader.feed(), final)) problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace journeyfeed::testing
