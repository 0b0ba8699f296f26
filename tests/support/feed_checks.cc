#include "tests/support/feed_checks.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace journeyfeed::testing {
namespace {

using postgres::LoadPosition;
using postgres::Position;
using std::to_string;

constexpr std::size_t kMostProblems = 10;
constexpr int kDelete = 4;

// Collects the problems of one promise, and keeps only the first few.
class Report {
 public:
  explicit Report(std::string promise) : promise_(std::move(promise)) {}
  void Add(const std::string& problem) {
    if (problems_.size() < kMostProblems) problems_.push_back(promise_ + ": " + problem);
  }
  Problems TakeProblems() { return std::move(problems_); }

 private:
  const std::string promise_;
  Problems problems_;
};

std::string Describe(const RecordedChange& change) {
  return testing::Describe(change.key) + " version " + to_string(change.version) + " at " + to_string(change.seq);
}

std::string Describe(const Position& position) {
  std::string text = to_string(position.seq) + "/" + to_string(position.high_water);
  if (position.load) text += " load " + to_string(position.load->block) + "," + to_string(position.load->offset);
  return text;
}

// The number after which the changes of this consumer begin.
std::int64_t StartOf(const RecordedFeed& feed) {
  if (feed.from) return feed.from->seq;
  return feed.messages.empty() ? 0 : feed.messages.front().position.seq;
}

bool SameLayout(const LoadPosition& a, const LoadPosition& b) {
  return a.file_node == b.file_node && a.system_identifier == b.system_identifier;
}

void CheckTokens(const Position& before, const Position& after, Report& report) {
  const std::string both = "token " + Describe(after) + " after " + Describe(before);
  if (after.seq < before.seq) report.Add(both + " falls");
  if (after.high_water < before.high_water) report.Add(both + ": the high water falls");
  if (!before.load && after.load) report.Add(both + ": a load after the changes began");
  if (!before.load || !after.load || !SameLayout(*before.load, *after.load)) return;
  const auto place = [](const LoadPosition& load) { return std::tuple(load.block, load.offset, load.last_id); };
  if (place(*after.load) < place(*before.load)) report.Add(both + ": the load steps back");
}

const LogRow* FindRow(const std::vector<LogRow>& log, std::int64_t seq) {
  const auto at = std::ranges::lower_bound(log, seq, {}, &LogRow::seq);
  return at != log.end() && at->seq == seq ? &*at : nullptr;
}

// Whether a call ends in [from, until).
bool CallEndsWithin(const std::vector<LogRow>& log, std::int64_t from, std::int64_t until) {
  for (auto at = std::ranges::lower_bound(log, from, {}, &LogRow::seq); at != log.end() && at->seq < until; ++at) {
    if (at->call_end) return true;
  }
  return false;
}

// What a stream reports about the calls that end between two changes, whatever messages lie between.
class ToldEnds {
 public:
  // `from`: the token that the stream begins with.
  ToldEnds(const FinalState& final, const std::optional<Position>& from) : final_(final) {
    if (!from || from->load) return;
    const LogRow* row = FindRow(final.log, from->seq);
    if (row && !row->call_end) since_ = from->seq;
  }
  void Read(const RecordedMessage& message, Report& report) {
    if (message.initial_load || message.resync) {
      since_ = 0;
      return;
    }
    told_ = told_ || message.ended_before;
    if (!message.changes.empty()) {
      Compare(message.changes.front(), report);
      since_ = message.changes.back().seq;
      told_ = message.changes.back().call_end;
    }
    told_ = told_ || message.call_end;
  }

 private:
  void Compare(const RecordedChange& next, Report& report) const {
    if (since_ <= final_.removed) return;
    const bool ended = CallEndsWithin(final_.log, since_, next.seq);
    if (ended == told_) return;
    report.Add("the end of a call between " + to_string(since_) + " and " + to_string(next.seq) +
               (ended ? " is not told" : " is told and is none"));
  }

  const FinalState& final_;
  std::int64_t since_ = 0;  // the last change, or the token within a call; 0: none
  bool told_ = false;       // a call end after it was reported
};

void CompareCopies(const Copy& got, const Copy& wanted, const FinalState& final, bool contents, Report& report,
                   const std::string& where) {
  for (const auto& [key, row] : wanted) {
    const auto found = got.find(key);
    if (found == got.end()) {
      if (!final.expired.contains(key)) report.Add(testing::Describe(key) + " is missing " + where);
    } else if (found->second.version != row.version) {
      report.Add(testing::Describe(key) + " has version " + to_string(found->second.version) + " instead of " +
                 to_string(row.version) + " " + where);
    } else if (contents && found->second.content != row.content) {
      report.Add(testing::Describe(key) + " has another content " + where);
    }
  }
  for (const auto& [key, row] : got) {
    if (!wanted.contains(key) && !final.expired.contains(key))
      report.Add(testing::Describe(key) + " is too many " + where);
  }
}

// The log, replayed forwards.
class Replay {
 public:
  explicit Replay(const FinalState& final) : log_(final.log) {}
  const Copy& At(std::int64_t seq) {
    if (next_ > 0 && log_[next_ - 1].seq > seq) {
      next_ = 0;
      state_.clear();
    }
    for (; next_ < log_.size() && log_[next_].seq <= seq; ++next_) {
      const LogRow& row = log_[next_];
      if (row.message == kDelete) {
        state_.erase(row.key);
      } else {
        state_[row.key] = {.version = row.version};
      }
    }
    return state_;
  }

 private:
  const std::vector<LogRow>& log_;
  std::size_t next_ = 0;
  Copy state_;
};

void CheckLogCalls(const std::vector<LogRow>& log, Report& report) {
  std::set<Uuid> ended;
  for (std::size_t i = 0; i < log.size(); ++i) {
    if (ended.contains(log[i].call))
      report.Add("log row " + to_string(log[i].seq) + " belongs to a call that ended before it");
    if (log[i].call_end) ended.insert(log[i].call);
    if (i + 1 < log.size() && log[i + 1].call != log[i].call && !log[i].call_end) {
      report.Add("another call follows log row " + to_string(log[i].seq) + " which does not end its call");
    }
  }
}

}  // namespace

std::string Describe(const RecordKey& key) {
  return key.id.ToString() + (key.partition_id ? "@" + *key.partition_id : std::string());
}

void Apply(const RecordedMessage& message, Copy& copy) {
  if (message.resync) copy.clear();
  for (const RecordedChange& change : message.changes) {
    if (change.removed) {
      copy.erase(change.key);
    } else {
      copy[change.key] = {.version = change.version, .content = change.content};
    }
  }
}

Copy Applied(const RecordedFeed& feed) {
  Copy copy = feed.copy;
  for (const RecordedMessage& message : feed.messages) Apply(message, copy);
  return copy;
}

Problems CheckOrdered(const RecordedFeed& feed) {
  Report report("ordered");
  std::optional<Position> before = feed.from;
  std::map<RecordKey, std::int64_t> loaded, changed;
  std::int64_t load_high_water = 0, last_seq = before ? before->seq : 0;
  for (const RecordedMessage& message : feed.messages) {
    if (message.resync) {
      loaded.clear();
      changed.clear();
      before.reset();
    }
    if (before) CheckTokens(*before, message.position, report);
    for (const RecordedChange& change : message.changes) {
      if (message.initial_load) {
        std::int64_t& version = loaded[change.key];
        if (change.version < version) report.Add("within the load the version falls: " + Describe(change));
        version = std::max(version, change.version);
        continue;
      }
      if (change.seq <= last_seq) report.Add("sequence numbers do not rise: " + Describe(change));
      if (change.seq > message.position.seq) report.Add("above its message's token: " + Describe(change));
      last_seq = change.seq;
      std::int64_t& version = changed[change.key];
      if (change.version <= version) report.Add("within the changes the version does not rise: " + Describe(change));
      version = std::max(version, change.version);
      const auto seen = loaded.find(change.key);
      if (seen != loaded.end() && change.seq > load_high_water && change.version <= seen->second) {
        report.Add("above the load's high water the version does not rise: " + Describe(change));
      }
    }
    if (message.initial_load) {
      load_high_water = message.position.high_water;
      last_seq = message.position.seq;
    }
    before = message.position;
  }
  return report.TakeProblems();
}

Problems CheckReliable(const RecordedFeed& feed, const FinalState& final) {
  Report report("reliable");
  std::map<std::int64_t, const RecordedChange*> delivered;
  for (const RecordedMessage& message : feed.messages) {
    if (message.resync) return report.TakeProblems();  // starts again: CheckConvergent covers the rest
    for (const RecordedChange& change : message.changes) {
      if (change.seq != 0) delivered.emplace(change.seq, &change);
    }
  }
  std::map<RecordKey, std::vector<const LogRow*>> by_key;
  for (const LogRow& row : final.log) by_key[row.key].push_back(&row);
  auto message = feed.messages.begin();
  for (const LogRow& row : final.log) {
    if (row.seq <= StartOf(feed)) continue;
    while (message != feed.messages.end() && message->position.seq < row.seq) ++message;
    if (message == feed.messages.end()) break;
    if (delivered.contains(row.seq)) continue;
    const auto& rows = by_key[row.key];
    const bool superseded = std::ranges::any_of(
        rows, [&](const LogRow* other) { return other->seq > row.seq && other->seq <= message->position.high_water; });
    const auto expired = final.expired.find(row.key);
    if (!superseded && (expired == final.expired.end() || expired->second.version != row.version)) {
      report.Add(testing::Describe(row.key) + " version " + to_string(row.version) + " at " + to_string(row.seq) +
                 " was skipped at token " + Describe(message->position));
    }
  }
  return report.TakeProblems();
}

Problems CheckUnique(const RecordedFeed& feed) {
  Report report("unique");
  std::set<std::pair<RecordKey, std::int64_t>> seen;
  for (const RecordedMessage& message : feed.messages) {
    if (message.resync) seen.clear();
    if (message.initial_load) continue;
    for (const RecordedChange& change : message.changes) {
      if (!seen.emplace(change.key, change.version).second) report.Add("delivered twice: " + Describe(change));
    }
  }
  return report.TakeProblems();
}

Problems CheckAtomic(const RecordedFeed& feed, const FinalState& final) {
  Report report("atomic");
  CheckLogCalls(final.log, report);
  Replay replay(final);
  ToldEnds told(final, feed.from);
  Copy copy = feed.copy;
  for (const RecordedMessage& message : feed.messages) {
    Apply(message, copy);
    told.Read(message, report);
    if (const LogRow* row = FindRow(final.log, message.position.seq); row && !message.initial_load) {
      if (row->call_end != message.call_end)
        report.Add("the mark of token " + Describe(message.position) + " is not the log's");
    }
    for (std::size_t i = 0; !message.initial_load && i < message.changes.size(); ++i) {
      const RecordedChange& change = message.changes[i];
      const std::int64_t next = i + 1 < message.changes.size() ? message.changes[i + 1].seq : message.position.seq + 1;
      if (final.removed < change.seq && change.call_end != CallEndsWithin(final.log, change.seq, next)) {
        report.Add("the mark is not the log's: " + Describe(change));
      }
    }
    if (message.consistent && final.removed == 0) {
      CompareCopies(copy, replay.At(message.position.seq), final, false, report,
                    "at the consistent token " + Describe(message.position));
    }
  }
  return report.TakeProblems();
}

Problems CheckDurable(const RecordedFeed& feed, const FinalState& final) {
  Report report("durable");
  std::set<std::pair<RecordKey, std::int64_t>> stored;
  for (const LogRow& row : final.log) {
    if (row.message != kDelete) stored.emplace(row.key, row.version);
  }
  for (const RecordedMessage& message : feed.messages) {
    for (const RecordedChange& change : message.changes) {
      if (message.initial_load) {
        if (final.removed == 0 && !stored.contains({change.key, change.version})) {
          report.Add("the load showed what is not in the log: " + Describe(change));
        }
      } else if (change.seq > final.removed) {
        const LogRow* row = FindRow(final.log, change.seq);
        if (!row || row->key != change.key || row->version != change.version ||
            (row->message == kDelete) != change.removed) {
          report.Add("delivered, but not in the log: " + Describe(change));
        }
      }
    }
    const std::int64_t high_water = message.position.high_water;
    if (high_water <= final.removed) continue;
    const LogRow* row = FindRow(final.log, high_water);
    if (!row || row->nonce != message.position.high_water_nonce) {
      report.Add("the high water of token " + Describe(message.position) + " is not in the log");
    }
  }
  return report.TakeProblems();
}

Problems CheckResumable(const RecordedFeed& feed, std::size_t at, const RecordedFeed& rest, const FinalState& final) {
  Report report("resumable");
  RecordedFeed joined{.from = feed.from,
                      .copy = feed.copy,
                      .messages = {feed.messages.begin(), feed.messages.begin() + static_cast<std::ptrdiff_t>(at) + 1}};
  if (rest.from != feed.messages[at].position) report.Add("the stream was resumed from another token");
  joined.messages.insert(joined.messages.end(), rest.messages.begin(), rest.messages.end());
  for (const std::string& problem : CheckFeed(joined, final)) {
    report.Add("resumed from token " + Describe(feed.messages[at].position) + ": " + problem);
  }
  return report.TakeProblems();
}

Problems CheckBookmarkable(const RecordedFeed& feed) {
  Report report("bookmarkable");
  std::int64_t passed = feed.from && !feed.from->load ? feed.from->seq : -1;
  for (const RecordedMessage& message : feed.messages) {
    if (message.resync) passed = -1;
    const Position& position = message.position;
    if (position.history == 0) report.Add("a message without a token");
    if (position.high_water < position.seq) report.Add("token " + Describe(position) + " is above its high water");
    if (message.consistent != position.consistent())
      report.Add("the flag consistent of token " + Describe(position) + " is wrong");
    for (const RecordedChange& change : message.changes) {
      if (!message.initial_load && change.seq <= passed) report.Add("older than an earlier token: " + Describe(change));
    }
    if (!position.load) passed = std::max(passed, position.seq);
  }
  return report.TakeProblems();
}

Problems CheckConvergent(const RecordedFeed& feed, const FinalState& final) {
  Report report("convergent");
  const std::int64_t head = final.log.empty() ? final.removed : std::max(final.log.back().seq, final.removed);
  const std::int64_t reached = feed.messages.empty() ? StartOf(feed) : feed.messages.back().position.seq;
  if (reached != head) report.Add("read to " + to_string(reached) + " while the head is " + to_string(head));
  if (!feed.messages.empty() && feed.messages.back().position.load) report.Add("the load did not end");
  CompareCopies(Applied(feed), final.table, final, true, report, "at the end");
  return report.TakeProblems();
}

Problems CheckHonest(const Refusal& refusal, std::int64_t removed, std::optional<std::int64_t> lost_above) {
  namespace pb = entity::v1;
  Report report("honest");
  const std::string token = "token " + Describe(refusal.token);
  const bool lost = lost_above && refusal.token.high_water > *lost_above;
  const bool expired = refusal.token.seq < removed;
  if (!refusal.error) {
    if (lost) report.Add(token + " went on although what it saw was lost");
    if (expired) report.Add(token + " went on although it is older than the floor");
    return report.TakeProblems();
  }
  const Failure& error = *refusal.error;
  if (error.reason == pb::ERROR_REASON_EXPIRED_VERSION_STAMP) {
    if (!expired) report.Add(token + " is called expired above the floor");
    const auto floor =
        std::ranges::find(error.metadata, "oldest_sequence_number", &std::pair<std::string, std::string>::first);
    if (floor == error.metadata.end() || floor->second != to_string(removed))
      report.Add(token + ": the oldest usable number is not named");
  } else if (error.reason == pb::ERROR_REASON_FEED_HISTORY_CHANGED) {
    if (!lost) report.Add(token + " is refused although nothing that it saw was lost");
  } else {
    report.Add(token + " was answered with something else: " + error.message);
  }
  return report.TakeProblems();
}

Problems CheckFeed(const RecordedFeed& feed, const FinalState& final) {
  Problems all;
  for (Problems each : {CheckOrdered(feed), CheckReliable(feed, final), CheckUnique(feed), CheckAtomic(feed, final),
                        CheckDurable(feed, final), CheckBookmarkable(feed), CheckConvergent(feed, final)}) {
    all.insert(all.end(), each.begin(), each.end());
  }
  return all;
}

}  // namespace journeyfeed::testing
