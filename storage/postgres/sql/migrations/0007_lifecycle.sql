-- The life of customer journeys: since when a status lasts, and what finds the journeys whose time has come (docs/lifecycle.md).

-- Timers count from here; rows from before count from this migration.
alter table journeyfeed.customer_journey add column status_since timestamptz not null default now();

-- The name in the tz database of a time zone code (domain: the Microsoft time zone index; services/customer_journey/recurrence has the
-- same list, a test compares them). Codes that are not in it count as UTC.
create function journeyfeed.time_zone_name(p_code integer) returns text language sql immutable parallel safe
return case p_code
    when 0 then 'Etc/GMT+12' when 1 then 'Pacific/Apia' when 2 then 'Pacific/Honolulu' when 3 then 'America/Anchorage'
    when 4 then 'America/Los_Angeles' when 10 then 'America/Denver' when 13 then 'America/Mazatlan' when 15 then 'America/Phoenix'
    when 20 then 'America/Chicago' when 25 then 'America/Regina' when 30 then 'America/Mexico_City' when 33 then 'America/Guatemala'
    when 35 then 'America/New_York' when 40 then 'America/Indiana/Indianapolis' when 45 then 'America/Bogota'
    when 50 then 'America/Halifax' when 55 then 'America/La_Paz' when 56 then 'America/Santiago' when 60 then 'America/St_Johns'
    when 65 then 'America/Sao_Paulo' when 70 then 'America/Cayenne' when 73 then 'America/Nuuk' when 75 then 'Atlantic/South_Georgia'
    when 80 then 'Atlantic/Azores' when 83 then 'Atlantic/Cape_Verde' when 85 then 'Europe/London' when 90 then 'Africa/Monrovia'
    when 95 then 'Europe/Budapest' when 100 then 'Europe/Warsaw' when 105 then 'Europe/Paris' when 110 then 'Europe/Berlin'
    when 113 then 'Africa/Lagos' when 115 then 'Europe/Bucharest' when 120 then 'Africa/Cairo' when 125 then 'Europe/Helsinki'
    when 130 then 'Europe/Athens' when 135 then 'Asia/Jerusalem' when 140 then 'Africa/Johannesburg' when 145 then 'Europe/Moscow'
    when 150 then 'Asia/Riyadh' when 155 then 'Africa/Nairobi' when 158 then 'Asia/Baghdad' when 160 then 'Asia/Tehran'
    when 165 then 'Asia/Dubai' when 170 then 'Asia/Yerevan' when 175 then 'Asia/Kabul' when 180 then 'Asia/Yekaterinburg'
    when 185 then 'Asia/Tashkent' when 190 then 'Asia/Kolkata' when 193 then 'Asia/Kathmandu' when 195 then 'Asia/Bishkek'
    when 200 then 'Asia/Colombo' when 201 then 'Asia/Novosibirsk' when 203 then 'Asia/Yangon' when 205 then 'Asia/Bangkok'
    when 207 then 'Asia/Krasnoyarsk' when 210 then 'Asia/Shanghai' when 215 then 'Asia/Singapore' when 220 then 'Asia/Taipei'
    when 225 then 'Australia/Perth' when 227 then 'Asia/Irkutsk' when 230 then 'Asia/Seoul' when 235 then 'Asia/Tokyo'
    when 240 then 'Asia/Yakutsk' when 245 then 'Australia/Darwin' when 250 then 'Australia/Adelaide' when 255 then 'Australia/Sydney'
    when 260 then 'Australia/Brisbane' when 265 then 'Australia/Hobart' when 270 then 'Asia/Vladivostok'
    when 275 then 'Pacific/Port_Moresby' when 280 then 'Pacific/Guadalcanal' when 285 then 'Pacific/Fiji' when 290 then 'Pacific/Auckland'
    when 300 then 'Pacific/Tongatapu'
    else 'UTC' end;

-- The instant at which the clock of a zone shows `p_wall`, a wall-clock time kept as if it were UTC.
create function journeyfeed.wall_clock_instant(p_wall timestamptz, p_code integer) returns timestamptz
language sql immutable parallel safe
return (p_wall at time zone 'UTC') at time zone journeyfeed.time_zone_name(p_code);

-- The wall-clock time at which a journey ends: its end, or that of its last iteration when it comes earlier. The number of days is
-- bounded so that no pair of count and interval leaves the range of times.
create function journeyfeed.journey_end(p_start timestamptz, p_end timestamptz, p_recurring boolean, p_count integer, p_interval integer)
returns timestamp language sql immutable parallel safe
return least(p_end at time zone 'UTC',
             case when p_recurring and p_count > 0 and p_interval > 0
                  then date_trunc('minute', p_start at time zone 'UTC')
                       + least(p_count::bigint * p_interval, 3000000)::integer * interval '1 day' end);

-- Of live journeys their end, of stopped ones since when they are. The columns change when the status does or when the schedule is edited, so
-- other updates stay HOT.
create index customer_journey_end on journeyfeed.customer_journey
  (journeyfeed.journey_end(start_date_time, end_date_time, is_recurring, recurrence_count, recurrence_interval_days))
  where status_code = 192350001;
create index customer_journey_stopped on journeyfeed.customer_journey (status_since) where status_code = 192350002;
