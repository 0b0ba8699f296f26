-- Journey run sessions: elastic, key (partition, id), time to live.
-- version_number and the expiry carry no index, so that updates stay HOT; expiry is found through its hour.
create table journeyfeed.journey_run_session (
  id                     uuid        not null,
  partition_id           text        collate "C",
  partition_key          text        collate "C" not null generated always as (coalesce(partition_id, id::text)) stored,
  version_number         bigint      not null,
  created_on             timestamptz not null,
  modified_on            timestamptz not null,
  overridden_created_on  timestamptz,
  expires_at             timestamptz,
  expiry_hour            integer,
  ttl_in_seconds         integer,
  import_sequence_number integer,
  created_by             uuid        not null,
  created_on_behalf_by   uuid,
  modified_by            uuid        not null,
  modified_on_behalf_by  uuid,
  name                   text        not null,
  journey_run_id         text        not null,
  session                text        compression lz4 not null,
  primary key (partition_key, id)
) with (fillfactor = 85);
create index journey_run_session_expiry on journeyfeed.journey_run_session (expiry_hour) where expiry_hour is not null;
call journeyfeed.create_feed(1::smallint, 'journey_run_session');
