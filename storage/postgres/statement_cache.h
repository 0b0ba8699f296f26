// Which of a session's many statements are worth preparing: those that come again. Bounded, so that callers who never
// repeat themselves cost one session no more than this.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace journeyfeed::postgres {

// Not thread-safe: it belongs to one session.
class StatementCache {
 public:
  static constexpr std::size_t kStatements = 64;

  // What to do with a statement now.
  struct Use {
    std::string name = {};     // prepare it under this name, unless it is; empty: it came for the first time
    std::string evicted = {};  // the prepared statement that has to go for it
  };
  Use Note(const std::string& text);

 private:
  struct Entry {
    std::string text;
    std::string name;  // empty until it came again
  };
  using Entries = std::list<Entry>;

  Entries entries_;  // the one that was used last is first
  std::unordered_map<std::string_view, Entries::iterator> by_text_;
  std::size_t named_ = 0;
};

}  // namespace journeyfeed::postgres
