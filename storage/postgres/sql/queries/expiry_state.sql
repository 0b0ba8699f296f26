-- What the sweeper starts a round with: the newest log row, the floor, the time, and whether this session may sweep entity $1, which
-- it does until it ends; $2 whether it does already.
select coalesce((select l.seq from journeyfeed.{{table}}_log l order by l.seq desc limit 1), f.removed), f.removed, statement_timestamp(),
       not pg_is_in_recovery() and ($2::boolean or pg_try_advisory_lock(hashtext('journeyfeed.sweeper'), $1::integer))
  from journeyfeed.feed_floor f where f.entity = $1::integer
