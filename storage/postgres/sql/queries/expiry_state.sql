-- The start of a sweeper's round: the newest log row, the floor, the time, and whether this connection may sweep entity
-- $1, a right
-- that it keeps until it ends. $2: whether it has the right already.
select coalesce((select l.seq from journeyfeed.{{table}}_log l order by l.seq desc limit 1), f.removed), f.removed, statement_timestamp(),
       not pg_is_in_recovery() and ($2::boolean or pg_try_advisory_lock(hashtext('journeyfeed.sweeper'), $1::integer))
  from journeyfeed.feed_floor f where f.entity = $1::integer
