-- One page of the log after $3: at most $4 log rows, whose changes take at most $5 bytes of a message or are one alone.
-- Superseded entries are skipped, so that each record comes once, in its newest state. A record is found by its key once; its
-- columns are then read by tuple, which one snapshot allows. $6 columns (bit set), $7 partition key
-- or null. The first row is the state, and whether the log row at $3 ends a call; null when that row is gone.
-- One plain READ COMMITTED autocommit statement: never in a STABLE function, a cursor or REPEATABLE READ (silent gaps).
with {{state}}, entries as (
  select l.* from journeyfeed.{{table}}_log l where l.seq > $3 order by l.seq limit $4
), judged as (
  select e.seq as log_seq, e.version_number as log_version, e.message, e.logged_at, e.record_id, e.partition_id as log_partition,
         e.call_end,
         -- D deleted, R newest state, S superseded (or of another partition, or expired and about to be deleted)
         case when $7::text is not null and coalesce(e.partition_id, e.record_id::text) <> $7 then 'S'
              when e.message = {{message_delete}} then case when found.version_number is null then 'D' else 'S' end
              when found.version_number = e.version_number and found.live then 'R'
              else 'S' end as kind, found.size as record_size, found.tuple
    from entries e
    left join lateral (
      select t.version_number, {{live}} as live, {{size}} as size, t.ctid as tuple
        from journeyfeed.{{table}} t, (select $6::bigint as columns) p
       where {{log_match}} offset 0) found on true
), weighed as (
  -- A deletion takes an id and a partition beside what every change takes; what is not shown takes nothing.
  select j.*, case j.kind when 'R' then j.record_size
                          when 'D' then 128 + coalesce(octet_length(j.log_partition), 36) else 0 end as size
    from judged j
), sized as (
  select w.*, sum(w.size) over (order by w.log_seq) as bytes from weighed w
)
select s.state, null::bigint as log_seq, null::text as kind, null::bigint as log_version, null::smallint as message,
       null::timestamptz as logged_at, (select l.call_end from journeyfeed.{{table}}_log l where l.seq = $3) as call_end,
       null::uuid as record_id, null::text as log_partition, {{null_columns}}
  from state s
union all
(select null, l.log_seq, l.kind, l.log_version, l.message, l.logged_at, l.call_end, l.record_id, l.log_partition, t.*
  from sized l
  left join lateral (select {{read_columns}} from journeyfeed.{{table}} t, (select $6::bigint as columns) p
                      where l.kind = 'R' and t.ctid = l.tuple offset 0) t on true
 where l.bytes <= $5 or l.bytes = l.size
 order by l.log_seq)
