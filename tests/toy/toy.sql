create table journeyfeed.toy (
  id                    uuid        not null primary key,
  version_number        bigint      not null,
  created_on            timestamptz not null,
  modified_on           timestamptz not null,
  overridden_created_on timestamptz,
  created_by            uuid        not null,
  created_on_behalf_by  uuid,
  modified_by           uuid        not null,
  modified_on_behalf_by uuid,
  name                  text        not null,
  text                  text
) with (fillfactor = 85);
call journeyfeed.create_feed(1000::smallint, 'toy');
