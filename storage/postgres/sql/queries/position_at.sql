-- Where the changes since the time $3 begin: after the last log row that ends a call and was logged before it. Times rise with the
-- numbers, unless the database's clock was set back; so a binary search over the numbers finds it with one index look-up a step,
-- at most 64 of them. $1 and $2 are null. `expired`: changes since that time may have been removed.
with recursive {{state}}, search (low, high) as (
  -- No row after `high` was logged before the time, and some row after `low`.
  select s.state[4] - 1, s.state[6] from state s
  union all
  select case when probe.before then probe.seq - 1 else p.low end, case when probe.before then p.high else p.middle end
    from (select r.low, r.high, r.low + (r.high - r.low) / 2 as middle from search r where r.high - r.low > 1) p
    left join lateral (select l.seq, l.logged_at < $3::timestamptz as before from journeyfeed.{{table}}_log l
                        where l.seq > p.middle order by l.seq limit 1) probe on true
), found as (
  select min(r.high) as seq from search r
)
select s.state,
       coalesce((select l.seq from journeyfeed.{{table}}_log l where l.seq <= f.seq and l.call_end order by l.seq desc limit 1),
                s.state[4]) as log_seq,
       s.state[4] > 0 and coalesce($3::timestamptz <= floor.removed_at, f.seq = s.state[4]) as expired
  from state s, found f, journeyfeed.feed_floor floor
 where floor.entity = {{entity}}
