-- Of the log rows after $1 (at most $2): records that were written and expire until $3. The first row says up to where
-- it read.
with entries as materialized (
  select l.seq, l.record_id, l.partition_id, l.version_number from journeyfeed.{{table}}_log l where l.seq > $1 order by l.seq limit $2
)
select max(e.seq), null::uuid as id, null::text as partition_id, null::timestamptz as expires_at from entries e
union all
select null, t.id, t.partition_id, t.expires_at
  from entries e
 cross join lateral (select t.id, t.partition_id, t.expires_at, t.version_number
                       from journeyfeed.{{table}} t where {{log_match}} offset 0) t
 where t.version_number = e.version_number and t.expires_at <= $3
