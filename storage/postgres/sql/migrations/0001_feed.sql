-- What every entity's feed needs: history, floor, request outcomes, token keys, and the procedure that gives an entity its log.
-- Rules and their reasons: docs/life-of-a-change.md.

-- One row per history of an entity's log. The current one has no fork_seq. A history ends when the cluster's system identifier or
-- timeline changes: numbers above fork_seq may have been issued there and lost.
create table journeyfeed.feed_history (
  entity            smallint    not null,
  incarnation       bigint      not null,
  system_identifier bigint      not null,
  timeline          integer     not null,
  opened_at         timestamptz not null default clock_timestamp(),
  fork_seq          bigint,
  primary key (entity, incarnation)
);
create unique index feed_history_current on journeyfeed.feed_history (entity) where fork_seq is null;

-- The highest sequence number that was really removed with a dropped partition, and the nonce of its row.
create table journeyfeed.feed_floor (
  entity        smallint primary key,
  table_name    text     not null,
  removed       bigint   not null default 0,
  removed_nonce bigint   not null
);

-- Secrets that authenticate tokens. Kept in the database so that every replica accepts every token.
create table journeyfeed.token_key (
  key_id     smallint    primary key,
  secret     bytea       not null,
  created_at timestamptz not null default clock_timestamp()
);
insert into journeyfeed.token_key (key_id, secret)
values (1, decode(replace(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

-- What a call with a request id did. Only executed rows are kept; looked up under an advisory lock on the id, so no unique index
-- is needed and the table can be partitioned by time.
create table journeyfeed.request_outcome (
  request_id        uuid        not null,
  caller_id         uuid        not null,
  entity            smallint    not null,
  message           smallint    not null,
  request_index     integer     not null,
  fingerprint       bigint      not null,
  code              "char"      not null,
  record_id         uuid        not null,
  partition_id      text        collate "C",
  version_number    bigint      not null,
  incarnation       bigint      not null,
  timeline          integer     not null,
  seq               bigint      not null,
  nonce             bigint      not null,
  created_at        timestamptz not null
) partition by range (created_at);
create index request_outcome_request on journeyfeed.request_outcome (request_id);

-- The advisory key of an entity's feed lock: two-integer key space, which record and request keys (bigint) cannot meet.
create function journeyfeed.feed_lock_class() returns integer language sql immutable parallel safe
return hashtext('journeyfeed.feed');

-- Timeline of a server that accepts writes. Not from pg_control_checkpoint(), which lags behind a promotion.
create function journeyfeed.current_timeline() returns integer language sql volatile
return ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer;

create function journeyfeed.random_bigint() returns bigint language sql volatile
return hashtextextended(gen_random_uuid()::text, 0);

-- Raises on every direct write to a feed's tables: only the write functions number changes in the order of their commits.
create function journeyfeed.refuse_direct_write() returns trigger language plpgsql as $$
begin
  if current_setting('journeyfeed.writing', true) is distinct from 'on' then
    raise exception 'table % is written by the functions of schema journeyfeed only', tg_table_name using errcode = 'JF001';
  end if;
  return null;
end $$;

-- Makes the log partitions that cover the next sequence number and three more ranges. Idempotent; one at a time per entity.
-- LIKE + ATTACH, because CREATE TABLE ... PARTITION OF stalls every writer behind one open reader.
create function journeyfeed.make_log_partitions(p_entity smallint) returns integer language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
  width   constant bigint := 16777216;
  v_table text;
  v_removed bigint;
  v_next  bigint;
  v_start bigint;
  v_name  text;
  v_made  integer := 0;
begin
  perform pg_advisory_xact_lock(journeyfeed.feed_lock_class(), p_entity);
  select table_name, removed into strict v_table, v_removed from journeyfeed.feed_floor where entity = p_entity;
  execute format('select case when is_called then last_value + 1 else last_value end from journeyfeed.%I', v_table || '_log_seq')
    into v_next;
  for i in 0..3 loop
    v_start := (v_next / width + i) * width;
    v_name := format('%s_log_%s', v_table, to_hex(v_start / width));
    -- A range at or below the floor was dropped: a row in it would be acknowledged and never delivered.
    continue when v_start + width - 1 <= v_removed or to_regclass(format('journeyfeed.%I', v_name)) is not null;
    execute format('create table journeyfeed.%I (like journeyfeed.%I including all)', v_name, v_table || '_log');
    execute format('alter table journeyfeed.%I attach partition journeyfeed.%I for values from (%s) to (%s)',
                   v_table || '_log', v_name, v_start, v_start + width);
    -- The trigger of the whole log does not see what is done to a part of it by name, nor this one what goes through the whole.
    execute format('create trigger refuse_direct_write before insert or update or delete or truncate on journeyfeed.%I
                    for each statement execute function journeyfeed.refuse_direct_write()', v_name);
    v_made := v_made + 1;
  end loop;
  return v_made;
end $$;

-- Makes the partitions of request_outcome for today and the next two days (UTC).
create function journeyfeed.make_outcome_partitions() returns integer language plpgsql
set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
  v_day  date;
  v_name text;
  v_made integer := 0;
begin
  perform pg_advisory_xact_lock(journeyfeed.feed_lock_class(), 0);
  for i in 0..2 loop
    v_day := current_date + i;
    v_name := 'request_outcome_' || to_char(v_day, 'YYYYMMDD');
    continue when to_regclass(format('journeyfeed.%I', v_name)) is not null;
    execute format('create table journeyfeed.%I (like journeyfeed.request_outcome including all)', v_name);
    execute format('alter table journeyfeed.request_outcome attach partition journeyfeed.%I for values from (%L) to (%L)',
                   v_name, v_day, v_day + 1);
    v_made := v_made + 1;
  end loop;
  return v_made;
end $$;

-- Opens a new history of an entity when the cluster is not the one that the current history was written in, or when forced.
-- Both sequences jump to the next multiple of 2^32 plus a random offset, so that two successors of one history do not issue the
-- same numbers. Returns whether a history was opened.
create function journeyfeed.open_history(p_entity smallint, p_force boolean default false) returns boolean language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
  v_table    text;
  v_removed  bigint;
  v_system   bigint := (select system_identifier from pg_control_system());
  v_timeline integer := journeyfeed.current_timeline();
  v_fork     bigint;
  v_kind     text;
begin
  perform pg_advisory_xact_lock(journeyfeed.feed_lock_class(), p_entity);
  if not p_force and exists (select from journeyfeed.feed_history
                              where entity = p_entity and fork_seq is null
                                and system_identifier = v_system and timeline = v_timeline) then
    return false;
  end if;
  select table_name, removed into strict v_table, v_removed from journeyfeed.feed_floor where entity = p_entity;
  execute format('select greatest(max(seq), %s) from journeyfeed.%I', v_removed, v_table || '_log') into v_fork;
  foreach v_kind in array array['_log_seq', '_version_seq'] loop
    execute format('select setval(%L, (greatest(last_value, %s) / 4294967296 + 1) * 4294967296 + %s) from journeyfeed.%I',
                   format('journeyfeed.%I', v_table || v_kind), v_fork,
                   journeyfeed.random_bigint() & 2147483647, v_table || v_kind);
  end loop;
  perform journeyfeed.make_log_partitions(p_entity);
  update journeyfeed.feed_history set fork_seq = v_fork where entity = p_entity and fork_seq is null;
  insert into journeyfeed.feed_history (entity, incarnation, system_identifier, timeline)
  values (p_entity, journeyfeed.random_bigint(), v_system, v_timeline);
  return true;
end $$;

-- Gives a table its feed: sequences, log, floor, first history, guards.
create procedure journeyfeed.create_feed(p_entity smallint, p_table text) language plpgsql as $$
begin
  execute format('create sequence journeyfeed.%I cache 1', p_table || '_version_seq');
  execute format('create sequence journeyfeed.%I cache 1', p_table || '_log_seq');
  -- Exactly one row per version of a record. Rows without a record (runs of retention) have a null key.
  execute format($ddl$
    create table journeyfeed.%I (
      seq                bigint      not null primary key,
      nonce              bigint      not null,
      version_number     bigint,
      changed_columns    bigint      not null,
      logged_at          timestamptz not null,
      record_id          uuid,
      user_id            uuid        not null,
      initiating_user_id uuid        not null,
      request_id         uuid,
      correlation_id     uuid        not null,
      message            smallint    not null,
      parent_message     smallint,
      depth              smallint    not null,
      call_end           boolean     not null,
      partition_id       text        collate "C"
    ) partition by range (seq)$ddl$, p_table || '_log');
  execute format('create trigger refuse_direct_write before insert or update or delete or truncate on journeyfeed.%I
                  for each statement execute function journeyfeed.refuse_direct_write()', p_table);
  execute format('create trigger refuse_direct_write before insert or update or delete or truncate on journeyfeed.%I
                  for each statement execute function journeyfeed.refuse_direct_write()', p_table || '_log');
  insert into journeyfeed.feed_floor (entity, table_name, removed_nonce) values (p_entity, p_table, journeyfeed.random_bigint());
  perform journeyfeed.make_log_partitions(p_entity);
  insert into journeyfeed.feed_history (entity, incarnation, system_identifier, timeline)
  select p_entity, journeyfeed.random_bigint(), system_identifier, journeyfeed.current_timeline() from pg_control_system();
end $$;
