#include "cli/output/stats_line.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/output/number_text.h"
#include "storage/dictionary/iso_time.h"

namespace journeyfeed::cli {
namespace {

using Seconds = std::chrono::duration<double>;

std::string IsoNow(client::FeedHealth::Time now) {
  const auto micros = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch());
  return dictionary::FormatIsoTime({std::chrono::microseconds(micros).count()});
}

double PerSecond(std::int64_t count, Seconds time) {
  return time.count() > 0 ? static_cast<double>(count) / time.count() : 0;
}

std::string Fixed(double number, const char* format) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

std::string Bytes(double bytes) {
  constexpr std::array kUnits{" B", " kB", " MB", " GB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < kUnits.size(); ++unit) bytes /= 1000;
  return Fixed(bytes, unit == 0 ? "%.0f" : "%.1f") + kUnits[unit];
}

std::optional<Seconds> AgeOf(const StatsInterval& interval) {
  if (!interval.after.as_of) return std::nullopt;
  return interval.now - *interval.after.as_of;
}

std::string Plural(std::int64_t count, const std::string& word) {
  return Grouped(count) + " " + word + (count == 1 ? "" : "s");
}

std::string ForPeople(const StatsInterval& interval) {
  const client::FeedHealth& health = interval.after;
  std::string line = Grouped(std::llround(PerSecond(health.changes - interval.before.changes, interval.time))) +
                     " changes/s  " + Bytes(PerSecond(health.bytes - interval.before.bytes, interval.time)) + "/s";
  if (health.lag) line += "  lag " + Fixed(Seconds(*health.lag).count(), "%.2f s");
  if (const auto age = AgeOf(interval)) line += "  as of " + Fixed(age->count(), "%.1f s ago");
  line += "  " + Plural(health.reconnects, "reconnect");
  if (health.resyncs > 0) line += "  " + Plural(health.resyncs, "resync");
  return line;
}

std::string ForPrograms(const StatsInterval& interval, bool total) {
  const client::FeedHealth& health = interval.after;
  nlohmann::ordered_json line;
  line["time"] = IsoNow(interval.now);
  if (total) line["total"] = true;
  line["seconds"] = std::round(interval.time.count() * 1000) / 1000;
  line["changes"] = health.changes - interval.before.changes;
  line["changes_per_second"] = std::round(PerSecond(health.changes - interval.before.changes, interval.time) * 10) / 10;
  line["bytes_per_second"] = std::llround(PerSecond(health.bytes - interval.before.bytes, interval.time));
  line["lag_seconds"] = nullptr;
  if (health.lag) line["lag_seconds"] = Seconds(*health.lag).count();
  line["as_of_age_seconds"] = nullptr;
  if (const auto age = AgeOf(interval)) line["as_of_age_seconds"] = std::round(age->count() * 1000) / 1000;
  line["connected"] = health.connected;
  line["initial_load"] = health.phase == entity::v1::CHANGE_PHASE_INITIAL_LOAD;
  line["reconnects"] = health.reconnects;
  line["resyncs"] = health.resyncs;
  return line.dump();
}

}  // namespace

std::string StatsLine(const StatsInterval& interval, Format format) {
  if (format == Format::kJson) return ForPrograms(interval, /*total=*/false);
  std::string line = IsoNow(interval.now).substr(11, 8) + "  " + ForPeople(interval);
  if (!interval.after.connected) return line + "  not connected";
  return interval.after.phase == entity::v1::CHANGE_PHASE_INITIAL_LOAD ? line + "  initial load" : line;
}

std::string TotalLine(const StatsInterval& run, Format format) {
  if (format == Format::kJson) return ForPrograms(run, /*total=*/true);
  return "in all " + Plural(run.after.changes - run.before.changes, "change") + " in " +
         Fixed(run.time.count(), "%.1f s") + "  " + ForPeople(run);
}

}  // namespace journeyfeed::cli
