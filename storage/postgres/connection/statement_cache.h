// Decides which of a connection's many statements are worth preparing: those that occur again. Bounded, so that callers
// who never repeat a statement cost a connection no more than this.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace journeyfeed::postgres {

// Not thread-safe: belongs to one connection.
class StatementCache {
 public:
  static constexpr std::size_t kStatements = 64;

  // What to do with a statement now.
  struct Use {
    std::string name = {};     // prepare it under this name, unless it is prepared; empty: first occurrence
    std::string evicted = {};  // the prepared statement to deallocate for it
  };
  Use Note(const std::string& text);

 private:
  struct Entry {
    std::string text;
    std::string name;  // empty until it occurs again
  };
  using Entries = std::list<Entry>;

  Entries entries_;  // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_text_;
  std::size_t named_ = 0;
};

}  // namespace journeyfeed::postgres
