-- What a page needs to know about the log to judge a position, from the snapshot of the page itself. Expanded into the page
-- statements as the CTE `state`; $1 incarnation and $2 high water of the position (null when there is none).
state as materialized (
  select pg_is_in_recovery() as in_recovery,
         h.incarnation, h.timeline,
         f.removed, f.removed_nonce,
         coalesce(head.seq, f.removed) as head, coalesce(head.nonce, f.removed_nonce) as head_nonce,
         (select c.system_identifier from pg_control_system() c) as system_identifier,
         known.incarnation is not null as known, known.fork_seq,
         (select l.nonce from journeyfeed.{{table}}_log l where l.seq = $2) as nonce_at_high_water,
         statement_timestamp() as as_of
    from journeyfeed.feed_floor f
    join journeyfeed.feed_history h on h.entity = f.entity and h.fork_seq is null
    left join lateral (select l.seq, l.nonce from journeyfeed.{{table}}_log l order by l.seq desc limit 1) head on true
    left join journeyfeed.feed_history known on known.entity = f.entity and known.incarnation = $1
   where f.entity = {{entity}}
)
