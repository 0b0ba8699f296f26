-- Rotation of the logs and of the request outcomes. Rules and their reasons: docs/life-of-a-change.md, "Rotation".
-- Safe while the version before runs: it calls make_log_partitions, which keeps its meaning, and knows nothing of the others.

-- How many sequence numbers a partition of a log holds.
create function journeyfeed.log_width() returns bigint language sql immutable parallel safe
return 16777216;

-- The next number that a log's sequence gives.
create function journeyfeed.next_log_seq(p_table text) returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_next bigint;
begin
  execute format('select last_value + is_called::integer from journeyfeed.%I', p_table || '_log_seq') into v_next;
  return v_next;
end $$;

-- Makes the log partitions that cover the next sequence number and three more ranges. Idempotent; one at a time per entity.
-- LIKE + ATTACH, because CREATE TABLE ... PARTITION OF stalls every writer behind one open reader. Without the feed lock, because the
-- lock on the log may have to be waited for (a removal holds the same one behind an open reader), and writers would wait with it.
create or replace function journeyfeed.make_log_partitions(p_entity smallint) returns integer language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
  width   constant bigint := journeyfeed.log_width();
  v_table text := (select table_name from journeyfeed.feed_floor where entity = p_entity);
  v_range bigint := journeyfeed.next_log_seq(v_table) / width;
  v_removed bigint;
  v_name  text;
  v_made  integer := 0;
begin
  if not exists (select from generate_series(v_range, v_range + 3) r
                  where to_regclass(format('journeyfeed.%I', v_table || '_log_' || to_hex(r))) is null) then
    return 0;
  end if;
  perform pg_advisory_xact_lock(hashtext('journeyfeed.partitions'), p_entity);
  execute format('lock table only journeyfeed.%I in share update exclusive mode', v_table || '_log');
  -- Under the lock that a removal takes after its floor was committed: whatever is gone by now, the floor tells.
  select removed into strict v_removed from journeyfeed.feed_floor where entity = p_entity;
  v_range := journeyfeed.next_log_seq(v_table) / width;
  for r in v_range .. v_range + 3 loop
    v_name := v_table || '_log_' || to_hex(r);
    -- A range at or below the floor was dropped: a row in it would be acknowledged and never delivered.
    continue when (r + 1) * width - 1 <= v_removed or to_regclass(format('journeyfeed.%I', v_name)) is not null;
    execute format('create table journeyfeed.%I (like journeyfeed.%I including all)', v_name, v_table || '_log');
    execute format('alter table journeyfeed.%I attach partition journeyfeed.%I for values from (%s) to (%s)',
                   v_table || '_log', v_name, r * width, (r + 1) * width);
    -- The trigger of the whole log does not see what is done to a part of it by name, nor this one what goes through the whole.
    execute format('create trigger refuse_direct_write before insert or update or delete or truncate on journeyfeed.%I
                    for each statement execute function journeyfeed.refuse_direct_write()', v_name);
    v_made := v_made + 1;
  end loop;
  return v_made;
end $$;

-- The attached partitions of a log with the range that each covers; not those that are being detached.
create function journeyfeed.log_partitions(p_table text, out part name, out first_seq bigint, out end_seq bigint)
returns setof record language sql volatile set search_path = pg_catalog, pg_temp
begin atomic
  select c.relname, b.bounds[1]::bigint, b.bounds[2]::bigint
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
   cross join lateral regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''(\d+)''\) TO \(''(\d+)''\)') as b (bounds)
   where i.inhparent = format('journeyfeed.%I', p_table || '_log')::regclass and not i.inhdetachpending
   order by 2;
end;

-- Ends the range that is being written when its first change is of an earlier day (UTC) than p_now: numbers do not follow time, and a
-- quiet log would keep everything for ever. Writers wait for one commit. Returns whether a range was ended.
create function journeyfeed.close_log_partition(p_entity smallint, p_now timestamptz) returns boolean language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  width   constant bigint := journeyfeed.log_width();
  v_table text := (select table_name from journeyfeed.feed_floor where entity = p_entity);
  v_range bigint := journeyfeed.next_log_seq(v_table) / width;
  v_first timestamptz;
begin
  execute format('select logged_at from journeyfeed.%I where seq >= %s order by seq limit 1', v_table || '_log', v_range * width)
    into v_first;
  if v_first is null or v_first >= date_trunc('day', p_now, 'UTC')
     or not exists (select from journeyfeed.log_partitions(v_table) where first_seq = (v_range + 1) * width) then
    return false;
  end if;
  perform pg_advisory_xact_lock(journeyfeed.feed_lock_class(), p_entity);
  if journeyfeed.next_log_seq(v_table) / width <> v_range then
    return false;
  end if;
  perform setval(format('journeyfeed.%I', v_table || '_log_seq')::regclass, (v_range + 1) * width, false);
  return true;
end $$;

-- Makes every session plan anew what it does with a partitioned table, once this is committed. A batch that began before a detachment
-- was marked may have planned with the partition in it, and its session keeps that plan; a detachment that is being finished would then
-- stand in its writers' way, and wait for them.
create function journeyfeed.forget_plans(p_table text) returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  execute format('alter table only journeyfeed.%I alter column seq set statistics -1', p_table);
end $$;

-- The next statement that removes what the log need not keep any more, or null. To be called and executed in turns, the statement
-- outside of any transaction: DETACH CONCURRENTLY is refused within one, and everything else stalls writers. Each step is found
-- again after a crash: finish a detachment, drop what is detached, or raise the floor over the oldest range and detach that.
-- The floor is committed with this call, before the range is hidden by the detachment.
create function journeyfeed.next_log_removal(p_entity smallint, p_retention interval, p_now timestamptz) returns text
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_table   text := (select table_name from journeyfeed.feed_floor where entity = p_entity);
  v_log     text := format('journeyfeed.%I', v_table || '_log');
  v_removed bigint;
  v_part    name;
  v_end     bigint;
  v_newest  record;
begin
  select c.relname into v_part from pg_inherits i join pg_class c on c.oid = i.inhrelid
   where i.inhparent = v_log::regclass and i.inhdetachpending;
  if found then
    perform journeyfeed.forget_plans(v_table || '_log');
    return format('alter table %s detach partition journeyfeed.%I finalize', v_log, v_part);
  end if;

  select removed into strict v_removed from journeyfeed.feed_floor where entity = p_entity;
  for v_part in select c.relname from pg_class c
                 where c.relnamespace = 'journeyfeed'::regnamespace and c.relkind = 'r' and not c.relispartition
                   and c.relname ~ ('^' || v_table || '_log_[0-9a-f]+$') loop
    execute format('select max(seq) as seq from journeyfeed.%I', v_part) into v_newest;
    if coalesce(v_newest.seq, 0) <= v_removed then
      return format('drop table journeyfeed.%I', v_part);
    end if;
  end loop;

  select part, end_seq into v_part, v_end from journeyfeed.log_partitions(v_table) limit 1;
  if not found or v_end > journeyfeed.next_log_seq(v_table) then
    return null;
  end if;
  execute format('select seq, nonce, logged_at from journeyfeed.%I order by seq desc limit 1', v_part) into v_newest;
  if v_newest.logged_at >= p_now - p_retention then
    return null;
  end if;
  -- Numbers of the range may have been drawn and not committed: whoever drew them held this lock. A new statement sees them.
  perform pg_advisory_xact_lock(journeyfeed.feed_lock_class(), p_entity);
  execute format('select seq, nonce, logged_at from journeyfeed.%I order by seq desc limit 1', v_part) into v_newest;
  if v_newest.logged_at >= p_now - p_retention then
    return null;
  end if;
  update journeyfeed.feed_floor set removed = v_newest.seq, removed_nonce = v_newest.nonce
   where entity = p_entity and removed < v_newest.seq;
  return format('alter table %s detach partition journeyfeed.%I concurrently', v_log, v_part);
end $$;

-- The same for the request outcomes: a day's are removed when the last of them is a day old.
create function journeyfeed.next_outcome_removal(p_now timestamptz) returns text
language plpgsql volatile set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
  v_last constant text := 'request_outcome_' || to_char(p_now - interval '48 hours', 'YYYYMMDD');
  v_part name;
begin
  select c.relname into v_part from pg_inherits i join pg_class c on c.oid = i.inhrelid
   where i.inhparent = 'journeyfeed.request_outcome'::regclass and i.inhdetachpending;
  if found then
    perform journeyfeed.forget_plans('request_outcome');
    return format('alter table journeyfeed.request_outcome detach partition journeyfeed.%I finalize', v_part);
  end if;
  select c.relname into v_part from pg_class c
   where c.relnamespace = 'journeyfeed'::regnamespace and c.relkind = 'r' and not c.relispartition
     and c.relname ~ '^request_outcome_\d{8}$' and c.relname collate "C" <= v_last;
  if found then
    return format('drop table journeyfeed.%I', v_part);
  end if;
  select c.relname into v_part from pg_inherits i join pg_class c on c.oid = i.inhrelid
   where i.inhparent = 'journeyfeed.request_outcome'::regclass
     and c.relname ~ '^request_outcome_\d{8}$' and c.relname collate "C" <= v_last
   order by c.relname collate "C" limit 1;
  if found then
    return format('alter table journeyfeed.request_outcome detach partition journeyfeed.%I concurrently', v_part);
  end if;
  return null;
end $$;
