#include "storage/dictionary/iso_time.h"

#include <chrono>
#include <cstdio>

namespace journeyfeed::dictionary {
namespace {

using std::chrono::microseconds;

// Reads a text from the left. A read that does not fit leaves the text as it is.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }

  bool Skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `digits` digits.
  std::optional<int> Number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return number;
  }

  // One digit or more, as a fraction of a second. Digits after the sixth are cut off; `cut`: one of them was not 0.
  std::optional<microseconds> Fraction(bool& cut) {
    std::int64_t micros = 0;
    int digits = 0;
    while (const std::optional<int> digit = Number(1)) {
      if (digits++ < 6) {
        micros = micros * 10 + *digit;
      } else {
        cut = cut || *digit != 0;
      }
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits) micros *= 10;
    return microseconds(micros);
  }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> ReadDate(Reader& reader) {
  const auto year = reader.Number(4);
  if (!year || !reader.Skip('-')) return std::nullopt;
  const auto month = reader.Number(2);
  if (!month || !reader.Skip('-')) return std::nullopt;
  const auto day = reader.Number(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// "11:29"
std::optional<microseconds> ReadHoursAndMinutes(Reader& reader) {
  const auto hours = reader.Number(2);
  if (!hours || *hours > 23 || !reader.Skip(':')) return std::nullopt;
  const auto minutes = reader.Number(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

// ":00.000", or nothing.
std::optional<microseconds> ReadSeconds(Reader& reader, bool& cut) {
  if (!reader.Skip(':')) return microseconds(0);
  const auto seconds = reader.Number(2);
  if (!seconds || *seconds > 59) return std::nullopt;
  if (!reader.Skip('.')) return std::chrono::seconds(*seconds);
  const auto fraction = reader.Fraction(cut);
  if (!fraction) return std::nullopt;
  return std::chrono::seconds(*seconds) + *fraction;
}

// "Z", "+02:00"
std::optional<microseconds> ReadOffset(Reader& reader) {
  if (reader.Skip('Z') || reader.Skip('z')) return microseconds(0);
  const bool west = reader.Skip('-');
  if (!west && !reader.Skip('+')) return std::nullopt;
  const auto offset = ReadHoursAndMinutes(reader);
  if (!offset) return std::nullopt;
  return west ? -*offset : *offset;
}

}  // namespace

std::optional<IsoTime> ReadIsoTime(std::string_view text) {
  Reader reader(text);
  bool cut = false;
  const auto date = ReadDate(reader);
  if (!date) return std::nullopt;
  const microseconds midnight = date->time_since_epoch();
  if (reader.AtEnd()) return IsoTime{.time = {midnight.count()}};
  if (!reader.Skip('T') && !reader.Skip('t')) return std::nullopt;
  const auto clock = ReadHoursAndMinutes(reader);
  if (!clock) return std::nullopt;
  const auto seconds = ReadSeconds(reader, cut);
  if (!seconds) return std::nullopt;
  const auto offset = ReadOffset(reader);
  if (!offset || !reader.AtEnd()) return std::nullopt;
  return IsoTime{.time = {(midnight + *clock + *seconds - *offset).count()}, .cut = cut};
}

std::optional<Timestamp> ParseIsoTime(std::string_view text) {
  const auto read = ReadIsoTime(text);
  return read ? std::optional(read->time) : std::nullopt;
}

std::string FormatIsoTime(Timestamp time) {
  const std::chrono::sys_time<microseconds> point{microseconds(time.micros)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  char text[64];
  int size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                           static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                           static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                           static_cast<int>(clock.seconds().count()));
  std::string result(text, static_cast<std::size_t>(size));
  if (const auto fraction = clock.subseconds().count(); fraction != 0) {
    size = std::snprintf(text, sizeof text, ".%06d", static_cast<int>(fraction));
    result.append(text, static_cast<std::size_t>(size));
  }
  return result + "Z";
}

}  // namespace journeyfeed::dictionary
