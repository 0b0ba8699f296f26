// The promises of the feed (proto/journeyfeed/*/v1/*_service.proto), each as a function over what a consumer recorded
// and what the database contained at the end. Every test of the feed runs them all (CheckFeed). A problem begins with
// the name of the broken promise.
#pragma once

#include <string>
#include <vector>

#include "storage/failure.h"
#include "tests/support/feed_record.h"

namespace journeyfeed::testing {

using Problems = std::vector<std::string>;

// Tokens rise. A record's versions rise within the load and within the changes, and above the load's high water across
// both.
Problems CheckOrdered(const RecordedFeed& feed);
// Every log row at or before a token was delivered, or was superseded in a snapshot that the token knows.
Problems CheckReliable(const RecordedFeed& feed, const FinalState& final);
// The changes contain no version of a record twice, including resumed streams.
Problems CheckUnique(const RecordedFeed& feed);
// Marks are where calls end in the log, and a call that ends between two changes is marked before the second one,
// wherever messages begin. Calls are contiguous in the log, and a consistent token is a state that the log went
// through.
Problems CheckAtomic(const RecordedFeed& feed, const FinalState& final);
// Everything that was delivered, and every token's high water, is in the surviving log.
Problems CheckDurable(const RecordedFeed& feed, const FinalState& final);
// `rest` was resumed from message `at` of `feed`: it begins exactly after it, and both together keep all other
// promises.
Problems CheckResumable(const RecordedFeed& feed, std::size_t at, const RecordedFeed& rest, const FinalState& final);
// Nothing at or before a token comes after it, and the flag `consistent` matches the token.
Problems CheckBookmarkable(const RecordedFeed& feed);
// Applying the stream blindly gives the table. Precondition: the stream was read to the head.
Problems CheckConvergent(const RecordedFeed& feed, const FinalState& final);

// The answer to a token. `lost_above`: history above this number was lost since the token was issued.
struct Refusal {
  postgres::Position token;
  std::optional<Failure> error;  // none: the stream continued
};
// Expired if and only if the token is older than the floor, and the error names the floor. FEED_HISTORY_CHANGED if and
// only if something that the token saw was lost.
Problems CheckHonest(const Refusal& refusal, std::int64_t removed, std::optional<std::int64_t> lost_above = {});

// All checks for one consumer that read to the head.
Problems CheckFeed(const RecordedFeed& feed, const FinalState& final);

// For messages of tests.
std::string Describe(const RecordKey& key);

}  // namespace journeyfeed::testing
