-- What a page needs to know about the log to judge a position, from the snapshot of the page itself. Expanded into the page
-- statements as the CTE `state`; $1 incarnation and $2 high water of the position (null when there is none). One array, so that a
-- page carries it once, in a separate row; its order is LogState's (storage/postgres/feed/position_check.cc).
state as materialized (
  select array[pg_is_in_recovery()::integer, h.incarnation, h.timeline, f.removed, f.removed_nonce,
               coalesce(head.seq, f.removed), coalesce(head.nonce, f.removed_nonce),
               (select c.system_identifier from pg_control_system() c),
               (known.incarnation is not null)::integer, known.fork_seq,
               (select l.nonce from journeyfeed.{{table}}_log l where l.seq = $2),
               extract(epoch from statement_timestamp()) * 1000000, head.call_end::integer]::bigint[] as state
    from journeyfeed.feed_floor f
    join journeyfeed.feed_history h on h.entity = f.entity and h.fork_seq is null
    left join lateral (select l.seq, l.nonce, l.call_end from journeyfeed.{{table}}_log l order by l.seq desc limit 1) head on true
    left join journeyfeed.feed_history known on known.entity = f.entity and known.incarnation = $1
   where f.entity = {{entity}}
)
