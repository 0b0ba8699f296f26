#include "services/customer_journey/recurrence/time_zones.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace journeyfeed::customer_journey {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

// Only names of the tz database's main part, which every release has (no links from its "backward" file).
constexpr TimeZone kZones[] = {
    {0, "Dateline Standard Time", "(GMT-12:00) International Date Line West", "Etc/GMT+12"},
    {1, "Samoa Standard Time", "(GMT+13:00) Samoa", "Pacific/Apia"},
    {2, "Hawaiian Standard Time", "(GMT-10:00) Hawaii", "Pacific/Honolulu"},
    {3, "Alaskan Standard Time", "(GMT-09:00) Alaska", "America/Anchorage"},
    {4, "Pacific Standard Time", "(GMT-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"},
    {10, "Mountain Standard Time", "(GMT-07:00) Mountain Time (US & Canada)", "America/Denver"},
    {13, "Mexico Standard Time 2", "(GMT-07:00) La Paz, Mazatlan", "America/Mazatlan"},
    {15, "US Mountain Standard Time", "(GMT-07:00) Arizona", "America/Phoenix"},
    {20, "Central Standard Time", "(GMT-06:00) Central Time (US & Canada)", "America/Chicago"},
    {25, "Canada Central Standard Time", "(GMT-06:00) Saskatchewan", "America/Regina"},
    {30, "Mexico Standard Time", "(GMT-06:00) Guadalajara, Mexico City, Monterrey", "America/Mexico_City"},
    {33, "Central America Standard Time", "(GMT-06:00) Central America", "America/Guatemala"},
    {35, "Eastern Standard Time", "(GMT-05:00) Eastern Time (US & Canada)", "America/New_York"},
    {40, "US Eastern Standard Time", "(GMT-05:00) Indiana (East)", "America/Indiana/Indianapolis"},
    {45, "SA Pacific Standard Time", "(GMT-05:00) Bogota, Lima, Quito", "America/Bogota"},
    {50, "Atlantic Standard Time", "(GMT-04:00) Atlantic Time (Canada)", "America/Halifax"},
    {55, "SA Western Standard Time", "(GMT-04:00) La Paz, Manaus", "America/La_Paz"},
    {56, "Pacific SA Standard Time", "(GMT-04:00) Santiago", "America/Santiago"},
    {60, "Newfoundland Standard Time", "(GMT-03:30) Newfoundland", "America/St_Johns"},
    {65, "E. South America Standard Time", "(GMT-03:00) Brasilia", "America/Sao_Paulo"},
    {70, "SA Eastern Standard Time", "(GMT-03:00) Cayenne, Fortaleza", "America/Cayenne"},
    {73, "Greenland Standard Time", "(GMT-02:00) Greenland", "America/Nuuk"},
    {75, "Mid-Atlantic Standard Time", "(GMT-02:00) Mid-Atlantic", "Atlantic/South_Georgia"},
    {80, "Azores Standard Time", "(GMT-01:00) Azores", "Atlantic/Azores"},
    {83, "Cape Verde Standard Time", "(GMT-01:00) Cape Verde Islands", "Atlantic/Cape_Verde"},
    {85, "GMT Standard Time", "(GMT+00:00) Dublin, Edinburgh, Lisbon, London", "Europe/London"},
    {90, "Greenwich Standard Time", "(GMT+00:00) Monrovia", "Africa/Monrovia"},
    {92, "UTC", "(GMT) Coordinated Universal Time", "Etc/UTC"},
    {95, "Central Europe Standard Time", "(GMT+01:00) Belgrade, Bratislava, Budapest, Ljubljana, Prague",
     "Europe/Budapest"},
    {100, "Central European Standard Time", "(GMT+01:00) Sarajevo, Skopje, Warsaw, Zagreb", "Europe/Warsaw"},
    {105, "Romance Standard Time", "(GMT+01:00) Brussels, Copenhagen, Madrid, Paris", "Europe/Paris"},
    {110, "W. Europe Standard Time", "(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"},
    {113, "W. Central Africa Standard Time", "(GMT+01:00) West Central Africa", "Africa/Lagos"},
    {115, "E. Europe Standard Time", "(GMT+02:00) Eastern Europe", "Europe/Bucharest"},
    {120, "Egypt Standard Time", "(GMT+02:00) Cairo", "Africa/Cairo"},
    {125, "FLE Standard Time", "(GMT+02:00) Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius", "Europe/Helsinki"},
    {130, "GTB Standard Time", "(GMT+02:00) Athens, Bucharest", "Europe/Athens"},
    {135, "Israel Standard Time", "(GMT+02:00) Jerusalem", "Asia/Jerusalem"},
    {140, "South Africa Standard Time", "(GMT+02:00) Harare, Pretoria", "Africa/Johannesburg"},
    {145, "Russian Standard Time", "(GMT+03:00) Moscow, St. Petersburg", "Europe/Moscow"},
    {150, "Arab Standard Time", "(GMT+03:00) Kuwait, Riyadh", "Asia/Riyadh"},
    {155, "E. Africa Standard Time", "(GMT+03:00) Nairobi", "Africa/Nairobi"},
    {158, "Arabic Standard Time", "(GMT+03:00) Baghdad", "Asia/Baghdad"},
    {160, "Iran Standard Time", "(GMT+03:30) Tehran", "Asia/Tehran"},
    {165, "Arabian Standard Time", "(GMT+04:00) Abu Dhabi, Muscat", "Asia/Dubai"},
    {170, "Caucasus Standard Time", "(GMT+04:00) Yerevan", "Asia/Yerevan"},
    {175, "Afghanistan Standard Time", "(GMT+04:30) Kabul", "Asia/Kabul"},
    {180, "Ekaterinburg Standard Time", "(GMT+05:00) Ekaterinburg", "Asia/Yekaterinburg"},
    {185, "West Asia Standard Time", "(GMT+05:00) Ashgabat, Tashkent", "Asia/Tashkent"},
    {190, "India Standard Time", "(GMT+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"},
    {193, "Nepal Standard Time", "(GMT+05:45) Kathmandu", "Asia/Kathmandu"},
    {195, "Central Asia Standard Time", "(GMT+06:00) Bishkek", "Asia/Bishkek"},
    {200, "Sri Lanka Standard Time", "(GMT+05:30) Sri Jayawardenepura", "Asia/Colombo"},
    {201, "N. Central Asia Standard Time", "(GMT+07:00) Novosibirsk", "Asia/Novosibirsk"},
    {203, "Myanmar Standard Time", "(GMT+06:30) Yangon (Rangoon)", "Asia/Yangon"},
    {205, "SE Asia Standard Time", "(GMT+07:00) Bangkok, Hanoi, Jakarta", "Asia/Bangkok"},
    {207, "North Asia Standard Time", "(GMT+07:00) Krasnoyarsk", "Asia/Krasnoyarsk"},
    {210, "China Standard Time", "(GMT+08:00) Beijing, Chongqing, Hong Kong, Urumqi", "Asia/Shanghai"},
    {215, "Singapore Standard Time", "(GMT+08:00) Kuala Lumpur, Singapore", "Asia/Singapore"},
    {220, "Taipei Standard Time", "(GMT+08:00) Taipei", "Asia/Taipei"},
    {225, "W. Australia Standard Time", "(GMT+08:00) Perth", "Australia/Perth"},
    {227, "North Asia East Standard Time", "(GMT+08:00) Irkutsk", "Asia/Irkutsk"},
    {230, "Korea Standard Time", "(GMT+09:00) Seoul", "Asia/Seoul"},
    {235, "Tokyo Standard Time", "(GMT+09:00) Osaka, Sapporo, Tokyo", "Asia/Tokyo"},
    {240, "Yakutsk Standard Time", "(GMT+09:00) Yakutsk", "Asia/Yakutsk"},
    {245, "AUS Central Standard Time", "(GMT+09:30) Darwin", "Australia/Darwin"},
    {250, "Cen. Australia Standard Time", "(GMT+09:30) Adelaide", "Australia/Adelaide"},
    {255, "AUS Eastern Standard Time", "(GMT+10:00) Canberra, Melbourne, Sydney", "Australia/Sydney"},
    {260, "E. Australia Standard Time", "(GMT+10:00) Brisbane", "Australia/Brisbane"},
    {265, "Tasmania Standard Time", "(GMT+10:00) Hobart", "Australia/Hobart"},
    {270, "Vladivostok Standard Time", "(GMT+10:00) Vladivostok", "Asia/Vladivostok"},
    {275, "West Pacific Standard Time", "(GMT+10:00) Guam, Port Moresby", "Pacific/Port_Moresby"},
    {280, "Central Pacific Standard Time", "(GMT+11:00) Solomon Islands, New Caledonia", "Pacific/Guadalcanal"},
    {285, "Fiji Standard Time", "(GMT+12:00) Fiji", "Pacific/Fiji"},
    {290, "New Zealand Standard Time", "(GMT+12:00) Auckland, Wellington", "Pacific/Auckland"},
    {300, "Tonga Standard Time", "(GMT+13:00) Nuku'alofa", "Pacific/Tongatapu"},
};

}  // namespace

std::span<const TimeZone> AllTimeZones() { return kZones; }

const TimeZone* FindTimeZone(std::int32_t code) {
  const auto* found = std::ranges::lower_bound(kZones, code, {}, &TimeZone::code);
  return found != std::end(kZones) && found->code == code ? found : nullptr;
}

bool HasRules(const TimeZone& zone) {
  cctz::time_zone rules;
  return cctz::load_time_zone(std::string(zone.tz_name), &rules);
}

Timestamp InstantOf(Timestamp local, const TimeZone& zone) {
  // cctz reads each zone once per process and shares it. A zone that cannot be read is UTC.
  cctz::time_zone rules;
  cctz::load_time_zone(std::string(zone.tz_name), &rules);
  std::int64_t fraction = local.micros % kMicrosPerSecond;
  if (fraction < 0) fraction += kMicrosPerSecond;
  const cctz::civil_second civil = cctz::civil_second(1970, 1, 1) + (local.micros - fraction) / kMicrosPerSecond;
  const cctz::time_zone::civil_lookup found = rules.lookup(civil);
  const bool skipped = found.kind == cctz::time_zone::civil_lookup::SKIPPED;
  const auto instant = (skipped ? found.trans : found.pre).time_since_epoch().count();
  return {instant * kMicrosPerSecond + (skipped ? 0 : fraction)};
}

}  // namespace journeyfeed::customer_journey
