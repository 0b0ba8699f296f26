-- The only way to write {{table}}: a set of rows in, one small row out, one autocommit statement per batch.
-- Text in double braces is filled from the data dictionary (storage/postgres/sql_template.cc). The steps and no other order:
--   history guard, request locks, key locks, one data-modifying statement, feed lock, log rows, request outcomes.
-- Key locks make versions rise across delete and re-create and leave no deadlock. The feed lock, held until the commit, makes the
-- order of seq the order of visibility. Nothing may be locked after it.
--
-- Row codes: C created, U updated, D deleted; not executed: N no such record, X exists, V version differs, P replayed (its outcome
-- is in request_outcome), M no such record and too little to create it, R request id reused for another payload, A another row of its atomic call failed,
-- S the stored status forbids it (version_offsets then holds the position of that status in its option set, -1 without a record).
-- The reply stays below 8 kB: results leave before the commit, and a client that does not read would hold the lock.
create or replace function journeyfeed.write_{{table}}(
  p_message smallint[], p_id uuid[], p_partition_id text[], p_set bigint[],
  p_if_match bigint[], p_if_none_match boolean[], p_creatable boolean[],
  p_call integer[], p_atomic boolean[],
  p_user_id uuid[], p_initiating_user_id uuid[], p_correlation_id uuid[], p_parent_message smallint[],
  p_request_id uuid[], p_client_message smallint[], p_request_index integer[], p_fingerprint bigint[]{{value_parameters}},
  out codes text, out base_version bigint, out version_offsets integer[],
  out incarnation bigint, out timeline integer, out seq bigint, out nonce bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  v_now             timestamptz;
  v_prior           text[];
  v_codes           text[];
  v_versions        bigint[];
  v_expiry_versions bigint[];
  v_states          integer[];
  v_expected        bigint;
  v_affected        bigint;
  v_head            bigint;
  v_first           bigint;
  v_patience        text := current_setting('journeyfeed.lock_patience', true);
  v_lock_timeout    text := current_setting('lock_timeout');
begin
  if pg_current_xact_id_if_assigned() is not null or current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a batch is one autocommit statement in READ COMMITTED' using errcode = 'JF002';
  end if;

  select h.incarnation, h.timeline into incarnation, timeline
    from journeyfeed.feed_history h where h.entity = {{entity}} and h.fork_seq is null;
  if timeline is distinct from journeyfeed.current_timeline() then
    raise exception 'the history of {{table}} is not open on this timeline' using errcode = 'JF003';
  end if;

  -- Acknowledged and delivered means on disk, whatever the database's or the role's default is. Local: it reaches the commit.
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;

  -- A batch of strangers waits less long for a foreign lock than a call by itself. Not for the feed lock, which everybody waits for.
  if v_patience <> '' then
    perform set_config('lock_timeout', v_patience, true);
  end if;

  if array_remove(p_request_id, null) <> '{}' then
    perform pg_advisory_xact_lock(h)
       from (select distinct hashtextextended(concat_ws('/', {{entity}}, k.message, k.caller_id, k.request_id), 2) as h
               from unnest(p_request_id, p_initiating_user_id, p_client_message) as k (request_id, caller_id, message)
              where k.request_id is not null order by 1 offset 0) q;
    -- Beside the rows what is stored for their requests, read once: one stored row with another fingerprint refuses the whole request, also
    -- rows that the first one did not have.
    select array_agg(case when q.request_id is null then null when q.reused then 'R' when q.stored then 'P' end order by q.ord)
      into v_prior
      from (
        select a.ord, a.request_id,
               min(a.fingerprint) over request <> max(a.fingerprint) over request as reused,
               bool_or(a.ord is null) over (partition by a.request_id, a.caller_id, a.message, a.request_index) as stored
          from (
            select k.request_id, k.caller_id, k.message, k.request_index, k.fingerprint, k.ord
              from unnest(p_request_id, p_initiating_user_id, p_client_message, p_request_index, p_fingerprint) with ordinality
                   as k (request_id, caller_id, message, request_index, fingerprint, ord)
            union all
            select o.request_id, o.caller_id, o.message, o.request_index, o.fingerprint, null
              from (select distinct k.request_id, k.caller_id, k.message
                      from unnest(p_request_id, p_initiating_user_id, p_client_message) as k (request_id, caller_id, message)
                     where k.request_id is not null offset 0) c
              join lateral (
                select * from journeyfeed.request_outcome o
                 where o.request_id = c.request_id and o.caller_id = c.caller_id and o.entity = {{entity}} and o.message = c.message
                   and o.created_at > clock_timestamp() - interval '24 hours' offset 0) o on true) a
        window request as (partition by a.request_id, a.caller_id, a.message)) q
     where q.ord is not null;
  end if;

  perform pg_advisory_xact_lock(h)
     from (select distinct hashtextextended(concat_ws('/', {{entity}}, k.partition_id, k.id), 1) as h
             from unnest(p_partition_id, p_id) as k (partition_id, id) order by 1 offset 0) q;

  perform set_config('journeyfeed.writing', 'on', true);
  v_now := clock_timestamp();

  with judged as (
    select k.*, cur.version_number as old_version, coalesce(cur.expired, false) as expired{{state_index}},
           case
             when k.prior is not null then k.prior
             -- Removal by the sweeper, which read before it held the key lock: what was renewed meanwhile stays.
             when k.parent_message = {{message_expire}} then
               case when cur.version_number is null then 'N' when cur.expired then 'D' else 'V' end
             when cur.version_number is null or cur.expired then
               case when k.message in ({{message_update}}, {{message_delete}}) or k.if_match is not null then 'N' when not k.creatable then 'M'{{create_checks}} else 'C' end
             when k.message = {{message_create}} or k.if_none_match then 'X'
             when k.if_match >= 0 and k.if_match <> cur.version_number then 'V'{{state_checks}}
             when k.message = {{message_delete}} then 'D'
             else 'U'
           end as verdict
      from unnest(p_message, p_id, p_partition_id, p_set, p_if_match, p_if_none_match, p_creatable, p_call, p_atomic, p_user_id,
                  p_initiating_user_id, p_parent_message, v_prior{{value_arguments}}) with ordinality
           as k (message, id, partition_id, set, if_match, if_none_match, creatable, call, atomic, user_id,
                 initiating_user_id, parent_message, prior{{value_names}}, ord)
      left join lateral (
        select t.version_number, {{expired}} as expired{{state_columns}} from journeyfeed.{{table}} t where {{key_match}} offset 0) cur on true
  ), settled as (
    select j.*, case when j.atomic and j.verdict in ('C', 'U', 'D')
                      and bool_or(j.verdict in ('N', 'X', 'V', 'M', 'R', 'S')) over (partition by j.call) then 'A' else j.verdict end as code
      from judged j
  ), expiring as (
    select s.*, case when s.code = 'C' and s.expired then nextval('journeyfeed.{{table}}_version_seq') end as expiry_version
      from settled s offset 0
  ), k as materialized (
    select e.*, case when e.code in ('C', 'U', 'D') then nextval('journeyfeed.{{table}}_version_seq') end as version
      from expiring e
  ), inserted as (
    insert into journeyfeed.{{table}} as t (id{{insert_columns}})
    select k.id{{insert_values}}
      from k where k.code = 'C' and k.old_version is null
    returning 1
  ), updated as (
    update journeyfeed.{{table}} t
       set {{update_assignments}}
      from k where (k.code = 'U' or (k.code = 'C' and k.old_version is not null)) and {{key_match}}
    returning 1
  ), deleted as (
    delete from journeyfeed.{{table}} t using k where k.code = 'D' and {{key_match}}
    returning 1
  )
  select array_agg(k.code order by k.ord), array_agg(k.version order by k.ord), array_agg(k.expiry_version order by k.ord),
         count(*) filter (where k.code in ('C', 'U', 'D')),
         (select count(*) from inserted) + (select count(*) from updated) + (select count(*) from deleted){{collect_states}}
    into v_codes, v_versions, v_expiry_versions, v_expected, v_affected{{into_states}}
    from k;
  if v_affected <> v_expected then
    raise exception 'a batch changed % rows of {{table}} instead of %', v_affected, v_expected using errcode = 'JF004';
  end if;

  codes := array_to_string(v_codes, '');
  select min(v), max(v - b), array_agg(least(coalesce(v - b, s, 0), 2147483647)::integer order by ord)
    into base_version, v_first, version_offsets
    from (select v, s, ord, min(v) over () as b from unnest(v_versions, v_states) with ordinality as u (v, s, ord)) q;
  -- Opening a history moves the sequence by more than that between two numbers of this batch.
  if v_first > 2147483647 then
    raise exception 'a new history of {{table}} was opened meanwhile' using errcode = 'JF003';
  end if;

  -- An outcome that is repeated may belong to a commit whose synchronous wait was cut: it is only told when a commit of now, which
  -- is after it, has been waited for.
  if v_expected = 0 and 'P' = any (v_codes) and current_setting('synchronous_standby_names') <> '' then
    perform pg_logical_emit_message(true, 'journeyfeed', '');
  end if;

  if v_expected > 0 then
    if v_patience <> '' then
      perform set_config('lock_timeout', v_lock_timeout, true);
    end if;
    -- Another code than for a locked row: taking the batch apart does not help here. Versions before know class 40.
    begin
      perform pg_advisory_xact_lock(journeyfeed.feed_lock_class(), {{entity}});
    exception when lock_not_available then
      raise exception 'the feed lock of {{table}} could not be obtained in time' using errcode = '40JF1';
    end;
    -- A history that was opened meanwhile moved the sequences: the versions above would be of the range before.
    if not exists (select from journeyfeed.feed_history h
                    where h.entity = {{entity}} and h.incarnation = write_{{table}}.incarnation and h.fork_seq is null) then
      raise exception 'a new history of {{table}} was opened meanwhile' using errcode = 'JF003';
    end if;
    nonce := journeyfeed.random_bigint();
    select greatest(coalesce((select l.seq from journeyfeed.{{table}}_log l order by l.seq desc limit 1), 0), f.removed),
           s.last_value - (not s.is_called)::integer
      into v_head, v_first from journeyfeed.feed_floor f, journeyfeed.{{table}}_log_seq s where f.entity = {{entity}};
    -- Before the numbers are drawn: a number that exists would fail as a duplicate, as if the data were to blame.
    if v_first < v_head then
      raise exception 'log sequence of {{table}} is behind its log: % at head %', v_first, v_head using errcode = 'JF005';
    end if;
    with rows as (
      select r.*, r.ord = max(r.ord) filter (where r.version is not null) over (partition by r.call) as call_end
        from unnest(v_codes, v_versions, v_expiry_versions, p_message, p_set, p_id, p_partition_id, p_user_id,
                    p_initiating_user_id, p_request_id, p_correlation_id, p_parent_message, p_call) with ordinality
             as r (code, version, expiry_version, message, set, id, partition_id, user_id,
                   initiating_user_id, request_id, correlation_id, parent_message, call, ord)
    ), logged as (
      insert into journeyfeed.{{table}}_log (seq, nonce, version_number, changed_columns, logged_at, record_id, user_id,
             initiating_user_id, request_id, correlation_id, message, parent_message, depth, call_end, partition_id)
      select nextval('journeyfeed.{{table}}_log_seq'), nonce, q.version, q.set, clock_timestamp(), q.id, q.user_id,
             q.initiating_user_id, q.request_id, q.correlation_id, q.message, q.parent_message, q.depth, q.call_end, q.partition_id
        from (
          -- The expired record that a create replaces: its deletion, just before the create, inside the same call.
          select r.ord, 0 as step, r.expiry_version as version, 0::bigint as set, r.id, r.partition_id, r.user_id,
                 r.initiating_user_id, null::uuid as request_id, r.correlation_id, {{message_delete}}::smallint as message,
                 {{message_expire}}::smallint as parent_message, 2::smallint as depth, false as call_end
            from rows r where r.expiry_version is not null
          union all
          select r.ord, 1, r.version, case when r.code = 'D' then 0 else r.set end, r.id, r.partition_id, r.user_id,
                 r.initiating_user_id, r.request_id, r.correlation_id,
                 case when r.message = {{message_upsert}} and not {{upsert_is_event}} then case r.code when 'C' then {{message_create}} else {{message_update}} end
                      else r.message end::smallint,
                 r.parent_message, (case when r.parent_message is null then 1 else 2 end)::smallint, r.call_end
            from rows r where r.version is not null
          order by 1, 2) q
      returning seq)
    select min(l.seq), max(l.seq) into v_first, seq from logged l;
    if v_first <= v_head then
      raise exception 'log sequence of {{table}} is behind its log: drew % at head %', v_first, v_head using errcode = 'JF005';
    end if;

    if array_remove(p_request_id, null) <> '{}' then
      insert into journeyfeed.request_outcome (request_id, caller_id, entity, message, request_index, fingerprint, code,
             record_id, partition_id, version_number, incarnation, timeline, seq, nonce, created_at)
      select r.request_id, r.caller_id, {{entity}}, r.message, r.request_index, r.fingerprint, r.code::"char",
             r.id, r.partition_id, r.version, incarnation, timeline, seq, nonce, v_now
        from unnest(p_request_id, p_initiating_user_id, p_client_message, p_request_index, p_fingerprint, v_codes, p_id, p_partition_id,
                    v_versions) as r (request_id, caller_id, message, request_index, fingerprint, code, id, partition_id, version)
       where r.request_id is not null and r.version is not null;
    end if;
  end if;
  perform set_config('journeyfeed.writing', '', true);
end $$;
