-- Records of the hour of $3 (and the next) that expire within $2 seconds, soonest first, at most $1. Reads the whole hour, hence rarely.
select t.id, t.partition_id, t.expires_at
  from journeyfeed.{{table}} t
 where t.expiry_hour >= floor(extract(epoch from $3::timestamptz) / 3600)::integer
   and t.expiry_hour <= floor(extract(epoch from $3::timestamptz + $2::bigint * interval '1 second') / 3600)::integer
   and t.expires_at <= $3::timestamptz + $2::bigint * interval '1 second'
 order by t.expires_at limit $1
