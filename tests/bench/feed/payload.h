// What every written record carries so that a follower knows which write it came from: a mark with the time of the
// write, the number of the batch and the place in the batch, in a text of fixed length. Any contender delivers it
// unchanged, so that the client need not parse what is around it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace journeyfeed::bench {

struct Mark {
  std::chrono::nanoseconds sent{};  // of the steady clock
  std::uint32_t batch = 0;
  std::uint32_t place = 0;
};

inline constexpr std::string_view kMarkBegin = "@@";
inline constexpr std::size_t kMarkBytes = kMarkBegin.size() + 16 + 8 + 8;

// A text of `bytes`, at least kMarkBytes, that begins with the mark.
std::string MarkedText(const Mark& mark, std::size_t bytes);

// The mark at the beginning of `text`; nothing if there is none.
std::optional<Mark> ReadMark(std::string_view text);

// Calls `found` with each mark in a message that contains texts of `bytes`.
template <typename Found>
void ForEachMark(std::string_view message, std::size_t bytes, const Found& found) {
  while (message.size() >= kMarkBytes) {
    const void* const begin = ::memmem(message.data(), message.size(), kMarkBegin.data(), kMarkBegin.size());
    if (begin == nullptr) return;
    message.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(begin) - message.data()));
    const auto mark = ReadMark(message);
    if (mark) found(*mark);
    message.remove_prefix(mark ? std::min(message.size(), bytes) : 1);
  }
}

// What was written or delivered, compared without keeping it: two tallies are equal if they have seen the same marks
// the same number of times, and else with a probability of 2^-64.
class Tally {
 public:
  void Add(const Mark& mark);
  std::uint64_t count() const { return count_; }
  bool operator==(const Tally&) const = default;

 private:
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
};

}  // namespace journeyfeed::bench
