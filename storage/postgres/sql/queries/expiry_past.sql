-- Records of hours that are over, oldest hour first, at most $1, at the time $2: all of them are expired, so the index alone finds them.
select t.id, t.partition_id, t.expires_at
  from journeyfeed.{{table}} t
 where t.expiry_hour < floor(extract(epoch from $2::timestamptz) / 3600)::integer
 order by t.expiry_hour limit $1
