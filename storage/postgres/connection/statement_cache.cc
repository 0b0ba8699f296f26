#include "storage/postgres/connection/statement_cache.h"

namespace journeyfeed::postgres {

StatementCache::Use StatementCache::Note(const std::string& text) {
  if (const auto known = by_text_.find(text); known != by_text_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
    Entry& entry = entries_.front();
    if (entry.name.empty()) entry.name = "query_" + std::to_string(++named_);
    return {.name = entry.name};
  }
  Use use;
  if (entries_.size() == kStatements) {
    use.evicted = entries_.back().name;
    by_text_.erase(entries_.back().text);
    entries_.pop_back();
  }
  entries_.push_front({text, {}});
  by_text_.emplace(entries_.front().text, entries_.begin());
  return use;
}

}  // namespace journeyfeed::postgres
