-- Claims customer journeys that wait for the service, and reads them. $1 now, null for the clock of the database; $2 most records; $3 with
-- timers; $4 how long stopped ones are kept, as an interval in microseconds; $5 columns (bit set) of those that go live, $6 of others;
-- timers; $4 how long stopped ones are kept, as an interval in microseconds; $5 columns (bit set) of those that go
-- live, $6 of others;
-- $7 most bytes of definitions; $8, $9, $10 parallel arrays of journeys whose last step failed: id, version, whether a
-- retry is due,
-- longest waiting first. At least one row: now and the number that wait; its record is null when none could be claimed.
-- A claim is an advisory lock of the connection: it writes nothing, blocks no writer and ends with its connection. The
-- lock is tried
-- row by row under the limit; both "offset 0" keep the planner from trying it elsewhere.
with clock as materialized (
  select coalesce($1::timestamptz, clock_timestamp()) as now
), troubled as materialized (
  select d.id, d.version, d.due, d.ord from unnest($8::uuid[], $9::bigint[], $10::boolean[]) with ordinality as d (id, version, due, ord)
), waiting as materialized (
  select t.id from journeyfeed.customer_journey t where t.status_code in (192350006, 192350007) limit 10001
), unhurt as (
  -- Apart from what is counted: behind ten thousand in trouble others wait as well.
  select t.id from journeyfeed.customer_journey t
   where t.status_code in (192350006, 192350007) and (t.id, t.version_number) not in (select id, version from troubled) limit 10001
), again as (
  -- A quarter at most, so that they do not keep the others waiting.
  select d.id from troubled d join journeyfeed.customer_journey t on t.id = d.id and t.version_number = d.version
   where d.due order by d.ord limit greatest($2::integer / 4, 1)
), ended as (
  -- A clock is at most 14 hours ahead of UTC. The rules of summer time may read an ambiguous hour otherwise than the service does, which
  -- decides: hence those of the next hour too, behind those that are due.
  select t.id
    from clock c, journeyfeed.customer_journey t,
         lateral (select journeyfeed.journey_end(t.start_date_time, t.end_date_time, t.is_recurring, t.recurrence_count,
                                                 t.recurrence_interval_days) at time zone 'UTC' as wall offset 0) e,
         lateral (select journeyfeed.wall_clock_instant(e.wall, t.customer_journey_time_zone) as instant offset 0) i
   where $3 and t.status_code = 192350001
     and journeyfeed.journey_end(t.start_date_time, t.end_date_time, t.is_recurring, t.recurrence_count, t.recurrence_interval_days)
         < (c.now at time zone 'UTC') + interval '15 hours'
     and i.instant < c.now + interval '1 hour' and (t.id, t.version_number) not in (select id, version from troubled)
   order by i.instant limit $2::integer * 8
), outlived as (
  select t.id from clock c, journeyfeed.customer_journey t
   where $3 and t.status_code = 192350002 and t.status_since <= c.now - $4::bigint * interval '1 microsecond'
     and (t.id, t.version_number) not in (select id, version from troubled)
   order by t.status_since limit $2::integer * 8
), candidates as materialized (
  select id from again union all select id from unhurt union all select id from ended union all select id from outlived
), claimed as materialized (
  select q.id from (select id from candidates offset 0) q
   where pg_try_advisory_lock(hashtext('journeyfeed.lifecycle'), hashtext(q.id::text)) limit $2::integer
), sized as (
  select k.id, sum(s.size) over (order by k.id) - s.size as before
    from claimed k
    cross join lateral (select coalesce(octet_length(t.workflow_definition), 0) as size
                          from journeyfeed.customer_journey t where t.id = k.id offset 0) s
)
select c.now, (select count(*) from waiting) as waiting, r.*
  from clock c
  left join (
    select {{read_columns}}
      from sized z
      join journeyfeed.customer_journey t on t.id = z.id
      cross join lateral (select case when t.status_code = 192350006 then $5::bigint else $6::bigint end as columns) p
     where z.before < $7::bigint) r on true
