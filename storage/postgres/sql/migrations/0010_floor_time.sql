-- When the newest change was logged that was removed from a log: a stream that starts at a time must know whether changes since then are
-- gone. Null: nothing was removed, or before this migration.
-- The release before goes on working: it calls this function and does not read the column.
alter table journeyfeed.feed_floor add column removed_at timestamptz;

-- As in 0005_upkeep.sql, and notes the time of the floor.
create or replace function journeyfeed.next_log_removal(p_entity smallint, p_retention interval, p_now timestamptz) returns text
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
  update journeyfeed.feed_floor set removed = v_newest.seq, removed_nonce = v_newest.nonce, removed_at = v_newest.logged_at
   where entity = p_entity and removed < v_newest.seq;
  return format('alter table %s detach partition journeyfeed.%I concurrently', v_log, v_part);
end $$;
