-- Live records by key, with their position in the input: $1 ids, $2 partition ids (null: the record's own), $3 columns (bit sets).
select k.ord, {{read_columns}}
  from unnest($1::uuid[], $2::text[], $3::bigint[]) with ordinality as p (id, partition_id, columns, ord)
  cross join lateral (select p.id, p.partition_id, p.ord) k
  cross join lateral (select * from journeyfeed.{{table}} t where {{key_match}} and {{live}} offset 0) t
