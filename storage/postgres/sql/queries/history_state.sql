-- Decides whether this process may write here, and whether a standby may be read: the state of the log ($1 incarnation,
-- $2 seq of
-- the newest row that the process knows) and of the server. Its order is ServerHistory's
-- (storage/postgres/feed/history_guard.cc).
with {{state}}
select s.state || array[h.system_identifier,
                        case when pg_is_in_recovery() then null else journeyfeed.current_timeline() end,
                        (select count(*) from pg_stat_wal_receiver r where coalesce(r.status, 'streaming') = 'streaming'),
                        (select max(m.version) from journeyfeed.schema_migration m)]::bigint[]
  from state s, journeyfeed.feed_history h where h.entity = {{entity}} and h.fork_seq is null
