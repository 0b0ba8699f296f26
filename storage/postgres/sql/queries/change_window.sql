-- What is kept of the log, and how much of it follows the log row $3: of at most $5 rows after it those of the partition $4, or all if
-- that is null. Nothing is counted if $3 is null.
with {{state}}, pending as (
  select max(p.seq) as last_seq, count(*) filter (where p.wanted) as rows, min(p.logged_at) filter (where p.wanted) as since
    from (select l.seq, l.logged_at, $4::text is null or coalesce(l.partition_id, l.record_id::text) = $4 as wanted
            from journeyfeed.{{table}}_log l where l.seq > $3 order by l.seq limit $5) p
)
select s.state, (select l.logged_at from journeyfeed.{{table}}_log l order by l.seq limit 1) as oldest,
       (select l.logged_at from journeyfeed.{{table}}_log l order by l.seq desc limit 1) as newest, p.last_seq, p.rows, p.since
  from state s, pending p
