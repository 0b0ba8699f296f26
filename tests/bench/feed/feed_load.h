// Followers and a writer against one contender, for a measured time.
#pragma once

#include <chrono>
#include <functional>

#include "tests/bench/contenders/contender.h"
#include "tests/bench/contest/trial.h"

namespace journeyfeed::bench {

struct FeedLoad {
  int followers = 0;
  int per_connection = 1;
  int stalled = 0;     // further followers that read nothing
  int partitions = 0;  // follower and writes of each; 0: all follow all
  double records_per_second = 0;
  int per_call = 1;
  std::size_t text_bytes = 200;
  int in_flight = 64;  // calls at most
  std::chrono::milliseconds warm_up{2000};
  std::chrono::milliseconds window{5000};
  std::chrono::milliseconds patience{20000};  // for what was written to arrive

  Metrics Parameters() const;
};

// Opens the followers, writes for warm-up and window, and waits until everything that was written has arrived. The
// window is measured. Faults: something was lost or repeated, a write failed, a stream ended, the client used more than
// four fifths of a core, or less than nine tenths of the offered rate was written or delivered.
//
// Metrics
//   server_cores, database_cores, client_cores, other_cores (of other processes), stolen_cores
//   written_per_s, delivered_per_s (changes, to all followers), messages_per_s, received_mb_per_s
//   delivered_share of what was to be delivered in the window
//   written, delivered  records and changes of the whole run; lost (changes); wrong_followers (did not get exactly what
//                       was written)
//   commit_p50_ms, commit_p99_ms  from the writer's answer to the delivery; 0 for what came before the answer
//   send_p50_ms, send_p99_ms      from the call to the delivery
//   answer_p50_ms, answer_p99_ms  from the call to its answer
//   server_rss_mb, server_peak_mb
Measurement RunFeedLoad(Contender& contender, const FeedLoad& load);

}  // namespace journeyfeed::bench
