-- A server that comes back to the database tells what it has seen; wake-up between servers.

-- Opens a new history of an entity unless the current one is of this cluster and timeline and holds the log row (p_seq, p_nonce) of
-- history p_incarnation, which the asking server has seen: the volume was set back, or a dump was restored into the same cluster. Of
-- several servers that ask, the first one opens it: the history that the others know is closed then. Nulls: nothing was seen yet.
-- Returns whether a history was opened.
create function journeyfeed.verify_history(p_entity smallint, p_incarnation bigint, p_seq bigint, p_nonce bigint)
returns boolean language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  v_current bigint;
  v_floor   journeyfeed.feed_floor;
  v_nonce   bigint;
  v_lost    boolean := false;
begin
  -- Whoever commits holds this lock: behind it nothing that was seen can still be invisible.
  perform pg_advisory_xact_lock(journeyfeed.feed_lock_class(), p_entity);
  select incarnation into strict v_current from journeyfeed.feed_history where entity = p_entity and fork_seq is null;
  select * into strict v_floor from journeyfeed.feed_floor where entity = p_entity;
  if p_incarnation = v_current and p_seq = v_floor.removed then
    v_lost := p_nonce <> v_floor.removed_nonce;
  elsif p_incarnation = v_current and p_seq > v_floor.removed then
    execute format('select nonce from journeyfeed.%I where seq = $1', v_floor.table_name || '_log') into v_nonce using p_seq;
    v_lost := v_nonce is distinct from p_nonce;
  elsif p_incarnation is not null and p_incarnation <> v_current then
    v_lost := not exists (select from journeyfeed.feed_history where entity = p_entity and incarnation = p_incarnation);
  end if;
  return journeyfeed.open_history(p_entity, v_lost);
end $$;

-- Tells the other servers of commits: a hint that nothing relies on. Never called in a transaction that writes, whose commit would
-- take the lock of the notification queue.
create function journeyfeed.announce(p_payload text) returns void language sql volatile
return pg_notify('journeyfeed_commit', p_payload);
