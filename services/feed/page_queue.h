// The pages that a stream reads for itself, in order: one that is to be sent next, and one that is read ahead as soon
// as the end of the first is known. Guarded by the mutex of its stream.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "services/feed/stream_limits.h"
#include "storage/store.h"

namespace journeyfeed::feed {

class PageQueue {
 public:
  struct Entry {
    std::uint64_t ticket = 0;
    std::uint64_t epoch = 0;                      // of the channel, when the page was requested
    std::optional<PageEnd> end = {};              // if it is known that more follows
    std::optional<Result<ChangePage>> page = {};  // if it arrived
    Share held = {};                              // its memory
  };

  bool empty() const { return entries_.empty(); }
  // The next one to be sent; null: none was requested. Its page does not change once it has arrived.
  const Entry* first() const { return entries_.empty() ? nullptr : &entries_.front(); }
  // Where a page that is read ahead begins; null: none may be.
  const PageEnd* ReadAheadFrom() const;

  // Returns the ticket by which the page is named.
  std::uint64_t Request(std::uint64_t epoch);
  // These do nothing if the queue was cleared since the request.
  void NoteEnd(std::uint64_t ticket, const PageEnd& end);
  void Arrive(std::uint64_t ticket, Result<ChangePage> page, Share held);

  // Precondition: the first page arrived.
  Entry Take();
  void Clear() { entries_.clear(); }

 private:
  Entry* Find(std::uint64_t ticket);

  std::deque<Entry> entries_;  // at most two
  std::uint64_t last_ticket_ = 0;
};

}  // namespace journeyfeed::feed
