-- The only way to write customer_journey: a set of rows in, one small row out, one autocommit statement per batch.
-- Text in double braces is filled from the data dictionary (storage/postgres/sql_template.cc). The steps and no other order:
--   history guard, request locks, key locks, one data-modifying statement, feed lock, log rows, request outcomes.
-- Key locks make versions rise across delete and re-create and leave no deadlock. The feed lock, held until the commit, makes the
-- order of seq the order of visibility. Nothing may be locked after it.
--
-- Row codes: C created, U updated, D deleted; not executed: N no such record, X exists, V version differs, P replayed (its outcome
-- is in request_outcome), M no such record and too little to create it, R request id reused for another payload, A another row of its atomic call failed,
-- S the stored status forbids it (version_offsets then holds the position of that status in its option set, -1 without a record).
-- The reply stays below 8 kB: results leave before the commit, and a client that does not read would hold the lock.
create or replace function journeyfeed.write_customer_journey(
  p_message smallint[], p_id uuid[], p_partition_id text[], p_set bigint[],
  p_if_match bigint[], p_if_none_match boolean[], p_creatable boolean[],
  p_call integer[], p_atomic boolean[],
  p_user_id uuid[], p_initiating_user_id uuid[], p_correlation_id uuid[], p_parent_message smallint[],
  p_request_id uuid[], p_client_message smallint[], p_request_index integer[], p_fingerprint bigint[],
  p_name text[],
  p_description text[],
  p_purpose text[],
  p_entity_target integer[],
  p_type integer[],
  p_scope integer[],
  p_required_consent integer[],
  p_start_date_time timestamptz[],
  p_end_date_time timestamptz[],
  p_customer_journey_time_zone integer[],
  p_is_recurring boolean[],
  p_recurrence_count integer[],
  p_recurrence_interval_days integer[],
  p_workflow_definition text[],
  p_customer_journey_designer_state text[],
  p_validation_results text[],
  p_content_settings_id uuid[],
  p_suppression_segment_id uuid[],
  p_customer_journey_template_id uuid[],
  p_linked_in_campaign_id uuid[],
  p_published_by uuid[],
  p_lock_down_date_in_milliseconds bigint[],
  p_insights_placeholder text[],
  p_owner_id uuid[],
  p_owner_id_type text[],
  p_state_code integer[],
  p_status_code integer[],
  p_import_sequence_number integer[],
  p_overridden_created_on timestamptz[],
  p_time_zone_rule_version_number integer[],
  p_utc_conversion_time_zone_code integer[],
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
    from journeyfeed.feed_history h where h.entity = 2::smallint and h.fork_seq is null;
  if timeline is distinct from journeyfeed.current_timeline() then
    raise exception 'the history of customer_journey is not open on this timeline' using errcode = 'JF003';
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
       from (select distinct hashtextextended(concat_ws('/', 2::smallint, k.message, k.caller_id, k.request_id), 2) as h
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
                 where o.request_id = c.request_id and o.caller_id = c.caller_id and o.entity = 2::smallint and o.message = c.message
                   and o.created_at > clock_timestamp() - interval '24 hours' offset 0) o on true) a
        window request as (partition by a.request_id, a.caller_id, a.message)) q
     where q.ord is not null;
  end if;

  perform pg_advisory_xact_lock(h)
     from (select distinct hashtextextended(concat_ws('/', 2::smallint, k.partition_id, k.id), 1) as h
             from unnest(p_partition_id, p_id) as k (partition_id, id) order by 1 offset 0) q;

  perform set_config('journeyfeed.writing', 'on', true);
  v_now := clock_timestamp();

  with judged as (
    select k.*, cur.version_number as old_version, coalesce(cur.expired, false) as expired, case cur.status_code when 192350000 then 0 when 192350001 then 1 when 192350002 then 2 when 192350003 then 3 when 192350004 then 4 when 192350005 then 5 when 192350006 then 6 when 192350007 then 7 else -1 end as state,
           case
             when k.prior is not null then k.prior
             -- Removal by the sweeper, which read before it held the key lock: what was renewed meanwhile stays.
             when k.parent_message = 13 then
               case when cur.version_number is null then 'N' when cur.expired then 'D' else 'V' end
             when cur.version_number is null or cur.expired then
               case when k.message in (2, 4) or k.if_match is not null then 'N' when not k.creatable then 'M'
             when k.set & 268435456 <> 0 and k.status_code <> 192350000 then 'S' else 'C' end
             when k.message = 1 or k.if_none_match then 'X'
             when k.if_match >= 0 and k.if_match <> cur.version_number then 'V'
             when k.message = 4 and cur.status_code not in (192350000, 192350002, 192350004, 192350005) then 'S'
             when k.set & 268435456 <> 0 and k.status_code <> cur.status_code and not case when k.parent_message = 19 then case cur.status_code when 192350000 then k.status_code in (192350004) when 192350001 then k.status_code in (192350002, 192350005) when 192350002 then k.status_code in (192350004) when 192350003 then k.status_code in (192350001, 192350005) when 192350006 then k.status_code in (192350001, 192350005) when 192350007 then k.status_code in (192350002, 192350005) else false end else case cur.status_code when 192350000 then k.status_code in (192350004, 192350006) when 192350001 then k.status_code in (192350003, 192350006, 192350007) when 192350002 then k.status_code in (192350004, 192350006) when 192350003 then k.status_code in (192350006) when 192350005 then k.status_code in (192350006, 192350007) else false end end then 'S'
             when (k.parent_message = 19) is not true and k.set & (case cur.status_code when 192350001 then 16777212 when 192350002 then 15604192 when 192350003 then 15604192 when 192350004 then 16777212 when 192350005 then 16777212 when 192350006 then 7113539580 when 192350007 then 7113539580 else 0 end
                  | case when k.set & 512 <> 0 and cur.status_code in (192350002, 192350003) and journeyfeed.wall_clock_instant(date_trunc('minute', cur.start_date_time), cur.customer_journey_time_zone) <= v_now then 512 else 0 end) <> 0 then 'S'
             when (k.parent_message = 19) is not true and k.message <> 4 and k.set & 268435456 = 0 and cur.status_code in (192350006, 192350007) then 'S'
             when k.message = 4 then 'D'
             else 'U'
           end as verdict
      from unnest(p_message, p_id, p_partition_id, p_set, p_if_match, p_if_none_match, p_creatable, p_call, p_atomic, p_user_id,
                  p_initiating_user_id, p_parent_message, v_prior, p_name, p_description, p_purpose, p_entity_target, p_type, p_scope, p_required_consent, p_start_date_time, p_end_date_time, p_customer_journey_time_zone, p_is_recurring, p_recurrence_count, p_recurrence_interval_days, p_workflow_definition, p_customer_journey_designer_state, p_validation_results, p_content_settings_id, p_suppression_segment_id, p_customer_journey_template_id, p_linked_in_campaign_id, p_published_by, p_lock_down_date_in_milliseconds, p_insights_placeholder, p_owner_id, p_owner_id_type, p_state_code, p_status_code, p_import_sequence_number, p_overridden_created_on, p_time_zone_rule_version_number, p_utc_conversion_time_zone_code) with ordinality
           as k (message, id, partition_id, set, if_match, if_none_match, creatable, call, atomic, user_id,
                 initiating_user_id, parent_message, prior, name, description, purpose, entity_target, type, scope, required_consent, start_date_time, end_date_time, customer_journey_time_zone, is_recurring, recurrence_count, recurrence_interval_days, workflow_definition, customer_journey_designer_state, validation_results, content_settings_id, suppression_segment_id, customer_journey_template_id, linked_in_campaign_id, published_by, lock_down_date_in_milliseconds, insights_placeholder, owner_id, owner_id_type, state_code, status_code, import_sequence_number, overridden_created_on, time_zone_rule_version_number, utc_conversion_time_zone_code, ord)
      left join lateral (
        select t.version_number, false as expired, t.status_code, t.start_date_time, t.customer_journey_time_zone from journeyfeed.customer_journey t where t.id = k.id offset 0) cur on true
  ), settled as (
    select j.*, case when j.atomic and j.verdict in ('C', 'U', 'D')
                      and bool_or(j.verdict in ('N', 'X', 'V', 'M', 'R', 'S')) over (partition by j.call) then 'A' else j.verdict end as code
      from judged j
  ), expiring as (
    select s.*, case when s.code = 'C' and s.expired then nextval('journeyfeed.customer_journey_version_seq') end as expiry_version
      from settled s offset 0
  ), k as materialized (
    select e.*, case when e.code in ('C', 'U', 'D') then nextval('journeyfeed.customer_journey_version_seq') end as version
      from expiring e
  ), inserted as (
    insert into journeyfeed.customer_journey as t (id, version_number, created_on, overridden_created_on, modified_on, created_by, created_on_behalf_by, modified_by, modified_on_behalf_by, status_since, name, description, purpose, entity_target, type, scope, required_consent, start_date_time, end_date_time, customer_journey_time_zone, is_recurring, recurrence_count, recurrence_interval_days, workflow_definition, customer_journey_designer_state, validation_results, content_settings_id, suppression_segment_id, customer_journey_template_id, linked_in_campaign_id, published_by, lock_down_date_in_milliseconds, insights_placeholder, owner_id, owner_id_type, state_code, status_code, import_sequence_number, time_zone_rule_version_number, utc_conversion_time_zone_code)
    select k.id, k.version, coalesce(k.overridden_created_on, v_now), case when k.overridden_created_on is not null then v_now end, v_now, k.user_id, case when k.initiating_user_id <> k.user_id then k.initiating_user_id end, k.user_id, case when k.initiating_user_id <> k.user_id then k.initiating_user_id end, v_now,
           case when k.set & 4 <> 0 then k.name else null end,
           case when k.set & 8 <> 0 then k.description else null end,
           case when k.set & 16 <> 0 then k.purpose else null end,
           case when k.set & 32 <> 0 then k.entity_target else 0 end,
           case when k.set & 64 <> 0 then k.type else 192350000 end,
           case when k.set & 128 <> 0 then k.scope else 270100000 end,
           case when k.set & 256 <> 0 then k.required_consent else null end,
           case when k.set & 512 <> 0 then k.start_date_time else null end,
           case when k.set & 1024 <> 0 then k.end_date_time else null end,
           case when k.set & 2048 <> 0 then k.customer_journey_time_zone else null end,
           case when k.set & 4096 <> 0 then k.is_recurring else false end,
           case when k.set & 8192 <> 0 then k.recurrence_count else null end,
           case when k.set & 16384 <> 0 then k.recurrence_interval_days else null end,
           case when k.set & 32768 <> 0 then k.workflow_definition else null end,
           case when k.set & 65536 <> 0 then k.customer_journey_designer_state else null end,
           case when k.set & 131072 <> 0 then k.validation_results else null end,
           case when k.set & 262144 <> 0 then k.content_settings_id else null end,
           case when k.set & 524288 <> 0 then k.suppression_segment_id else null end,
           case when k.set & 1048576 <> 0 then k.customer_journey_template_id else null end,
           case when k.set & 2097152 <> 0 then k.linked_in_campaign_id else null end,
           case when k.set & 4194304 <> 0 then k.published_by else null end,
           case when k.set & 8388608 <> 0 then k.lock_down_date_in_milliseconds else null end,
           case when k.set & 16777216 <> 0 then k.insights_placeholder else null end,
           case when k.set & 33554432 <> 0 then k.owner_id else k.user_id end,
           case when k.set & 67108864 <> 0 then k.owner_id_type else 'systemuser' end,
           case when k.set & 134217728 <> 0 then k.state_code else 0 end,
           case when k.set & 268435456 <> 0 then k.status_code else 192350000 end,
           case when k.set & 536870912 <> 0 then k.import_sequence_number else null end,
           case when k.set & 2147483648 <> 0 then k.time_zone_rule_version_number else null end,
           case when k.set & 4294967296 <> 0 then k.utc_conversion_time_zone_code else null end
      from k where k.code = 'C' and k.old_version is null
    returning 1
  ), updated as (
    update journeyfeed.customer_journey t
       set version_number = k.version,
           created_on = case when k.code = 'C' then coalesce(k.overridden_created_on, v_now) else t.created_on end,
           overridden_created_on = case when k.code = 'C' then case when k.overridden_created_on is not null then v_now end else t.overridden_created_on end,
           modified_on = case when k.code = 'U' and (k.parent_message = 19) is not true and t.status_code in (192350006, 192350007) then t.modified_on else v_now end,
           created_by = case when k.code = 'C' then k.user_id else t.created_by end,
           created_on_behalf_by = case when k.code = 'C' then case when k.initiating_user_id <> k.user_id then k.initiating_user_id end else t.created_on_behalf_by end,
           modified_by = case when k.code = 'U' and (k.parent_message = 19) is not true and t.status_code in (192350006, 192350007) then t.modified_by else k.user_id end,
           modified_on_behalf_by = case when k.code = 'U' and (k.parent_message = 19) is not true and t.status_code in (192350006, 192350007) then t.modified_on_behalf_by else case when k.initiating_user_id <> k.user_id then k.initiating_user_id end end,
           status_since = case when k.code = 'C' or (k.set & 268435456 <> 0 and k.status_code <> t.status_code) then v_now else t.status_since end,
           name = case when k.set & 4 <> 0 then k.name when k.code = 'C' then null else t.name end,
           description = case when k.set & 8 <> 0 then k.description when k.code = 'C' then null else t.description end,
           purpose = case when k.set & 16 <> 0 then k.purpose when k.code = 'C' then null else t.purpose end,
           entity_target = case when k.set & 32 <> 0 then k.entity_target when k.code = 'C' then 0 else t.entity_target end,
           type = case when k.set & 64 <> 0 then k.type when k.code = 'C' then 192350000 else t.type end,
           scope = case when k.set & 128 <> 0 then k.scope when k.code = 'C' then 270100000 else t.scope end,
           required_consent = case when k.set & 256 <> 0 then k.required_consent when k.code = 'C' then null else t.required_consent end,
           start_date_time = case when k.set & 512 <> 0 then k.start_date_time when k.code = 'C' then null else t.start_date_time end,
           end_date_time = case when k.set & 1024 <> 0 then k.end_date_time when k.code = 'C' then null else t.end_date_time end,
           customer_journey_time_zone = case when k.set & 2048 <> 0 then k.customer_journey_time_zone when k.code = 'C' then null else t.customer_journey_time_zone end,
           is_recurring = case when k.set & 4096 <> 0 then k.is_recurring when k.code = 'C' then false else t.is_recurring end,
           recurrence_count = case when k.set & 8192 <> 0 then k.recurrence_count when k.code = 'C' then null else t.recurrence_count end,
           recurrence_interval_days = case when k.set & 16384 <> 0 then k.recurrence_interval_days when k.code = 'C' then null else t.recurrence_interval_days end,
           workflow_definition = case when k.set & 32768 <> 0 then k.workflow_definition when k.code = 'C' then null else t.workflow_definition end,
           customer_journey_designer_state = case when k.set & 65536 <> 0 then k.customer_journey_designer_state when k.code = 'C' then null else t.customer_journey_designer_state end,
           validation_results = case when k.set & 131072 <> 0 then k.validation_results when k.code = 'C' then null else t.validation_results end,
           content_settings_id = case when k.set & 262144 <> 0 then k.content_settings_id when k.code = 'C' then null else t.content_settings_id end,
           suppression_segment_id = case when k.set & 524288 <> 0 then k.suppression_segment_id when k.code = 'C' then null else t.suppression_segment_id end,
           customer_journey_template_id = case when k.set & 1048576 <> 0 then k.customer_journey_template_id when k.code = 'C' then null else t.customer_journey_template_id end,
           linked_in_campaign_id = case when k.set & 2097152 <> 0 then k.linked_in_campaign_id when k.code = 'C' then null else t.linked_in_campaign_id end,
           published_by = case when k.set & 4194304 <> 0 then k.published_by when k.code = 'C' then null else t.published_by end,
           lock_down_date_in_milliseconds = case when k.set & 8388608 <> 0 then k.lock_down_date_in_milliseconds when k.code = 'C' then null else t.lock_down_date_in_milliseconds end,
           insights_placeholder = case when k.set & 16777216 <> 0 then k.insights_placeholder when k.code = 'C' then null else t.insights_placeholder end,
           owner_id = case when k.set & 33554432 <> 0 then k.owner_id when k.code = 'C' then k.user_id else t.owner_id end,
           owner_id_type = case when k.set & 67108864 <> 0 then k.owner_id_type when k.code = 'C' then 'systemuser' else t.owner_id_type end,
           state_code = case when k.set & 134217728 <> 0 then k.state_code when k.code = 'C' then 0 else t.state_code end,
           status_code = case when k.set & 268435456 <> 0 then k.status_code when k.code = 'C' then 192350000 else t.status_code end,
           import_sequence_number = case when k.set & 536870912 <> 0 then k.import_sequence_number when k.code = 'C' then null else t.import_sequence_number end,
           time_zone_rule_version_number = case when k.set & 2147483648 <> 0 then k.time_zone_rule_version_number when k.code = 'C' then null else t.time_zone_rule_version_number end,
           utc_conversion_time_zone_code = case when k.set & 4294967296 <> 0 then k.utc_conversion_time_zone_code when k.code = 'C' then null else t.utc_conversion_time_zone_code end
      from k where (k.code = 'U' or (k.code = 'C' and k.old_version is not null)) and t.id = k.id
    returning 1
  ), deleted as (
    delete from journeyfeed.customer_journey t using k where k.code = 'D' and t.id = k.id
    returning 1
  )
  select array_agg(k.code order by k.ord), array_agg(k.version order by k.ord), array_agg(k.expiry_version order by k.ord),
         count(*) filter (where k.code in ('C', 'U', 'D')),
         (select count(*) from inserted) + (select count(*) from updated) + (select count(*) from deleted),
         array_agg(case when k.code = 'S' then k.state end order by k.ord)
    into v_codes, v_versions, v_expiry_versions, v_expected, v_affected, v_states
    from k;
  if v_affected <> v_expected then
    raise exception 'a batch changed % rows of customer_journey instead of %', v_affected, v_expected using errcode = 'JF004';
  end if;

  codes := array_to_string(v_codes, '');
  select min(v), max(v - b), array_agg(least(coalesce(v - b, s, 0), 2147483647)::integer order by ord)
    into base_version, v_first, version_offsets
    from (select v, s, ord, min(v) over () as b from unnest(v_versions, v_states) with ordinality as u (v, s, ord)) q;
  -- Opening a history moves the sequence by more than that between two numbers of this batch.
  if v_first > 2147483647 then
    raise exception 'a new history of customer_journey was opened meanwhile' using errcode = 'JF003';
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
      perform pg_advisory_xact_lock(journeyfeed.feed_lock_class(), 2::smallint);
    exception when lock_not_available then
      raise exception 'the feed lock of customer_journey could not be obtained in time' using errcode = '40JF1';
    end;
    -- A history that was opened meanwhile moved the sequences: the versions above would be of the range before.
    if not exists (select from journeyfeed.feed_history h
                    where h.entity = 2::smallint and h.incarnation = write_customer_journey.incarnation and h.fork_seq is null) then
      raise exception 'a new history of customer_journey was opened meanwhile' using errcode = 'JF003';
    end if;
    nonce := journeyfeed.random_bigint();
    select greatest(coalesce((select l.seq from journeyfeed.customer_journey_log l order by l.seq desc limit 1), 0), f.removed),
           s.last_value - (not s.is_called)::integer
      into v_head, v_first from journeyfeed.feed_floor f, journeyfeed.customer_journey_log_seq s where f.entity = 2::smallint;
    -- Before the numbers are drawn: a number that exists would fail as a duplicate, as if the data were to blame.
    if v_first < v_head then
      raise exception 'log sequence of customer_journey is behind its log: % at head %', v_first, v_head using errcode = 'JF005';
    end if;
    with rows as (
      select r.*, r.ord = max(r.ord) filter (where r.version is not null) over (partition by r.call) as call_end
        from unnest(v_codes, v_versions, v_expiry_versions, p_message, p_set, p_id, p_partition_id, p_user_id,
                    p_initiating_user_id, p_request_id, p_correlation_id, p_parent_message, p_call) with ordinality
             as r (code, version, expiry_version, message, set, id, partition_id, user_id,
                   initiating_user_id, request_id, correlation_id, parent_message, call, ord)
    ), logged as (
      insert into journeyfeed.customer_journey_log (seq, nonce, version_number, changed_columns, logged_at, record_id, user_id,
             initiating_user_id, request_id, correlation_id, message, parent_message, depth, call_end, partition_id)
      select nextval('journeyfeed.customer_journey_log_seq'), nonce, q.version, q.set, clock_timestamp(), q.id, q.user_id,
             q.initiating_user_id, q.request_id, q.correlation_id, q.message, q.parent_message, q.depth, q.call_end, q.partition_id
        from (
          -- The expired record that a create replaces: its deletion, just before the create, inside the same call.
          select r.ord, 0 as step, r.expiry_version as version, 0::bigint as set, r.id, r.partition_id, r.user_id,
                 r.initiating_user_id, null::uuid as request_id, r.correlation_id, 4::smallint as message,
                 13::smallint as parent_message, 2::smallint as depth, false as call_end
            from rows r where r.expiry_version is not null
          union all
          select r.ord, 1, r.version, case when r.code = 'D' then 0 else r.set end, r.id, r.partition_id, r.user_id,
                 r.initiating_user_id, r.request_id, r.correlation_id,
                 case when r.message = 3 and not false then case r.code when 'C' then 1 else 2 end
                      else r.message end::smallint,
                 r.parent_message, (case when r.parent_message is null then 1 else 2 end)::smallint, r.call_end
            from rows r where r.version is not null
          order by 1, 2) q
      returning seq)
    select min(l.seq), max(l.seq) into v_first, seq from logged l;
    if v_first <= v_head then
      raise exception 'log sequence of customer_journey is behind its log: drew % at head %', v_first, v_head using errcode = 'JF005';
    end if;

    if array_remove(p_request_id, null) <> '{}' then
      insert into journeyfeed.request_outcome (request_id, caller_id, entity, message, request_index, fingerprint, code,
             record_id, partition_id, version_number, incarnation, timeline, seq, nonce, created_at)
      select r.request_id, r.caller_id, 2::smallint, r.message, r.request_index, r.fingerprint, r.code::"char",
             r.id, r.partition_id, r.version, incarnation, timeline, seq, nonce, v_now
        from unnest(p_request_id, p_initiating_user_id, p_client_message, p_request_index, p_fingerprint, v_codes, p_id, p_partition_id,
                    v_versions) as r (request_id, caller_id, message, request_index, fingerprint, code, id, partition_id, version)
       where r.request_id is not null and r.version is not null;
    end if;
  end if;
  perform set_config('journeyfeed.writing', '', true);
end $$;
