-- One page of the initial load: live rows after tuple $3 and before tuple $4, at most $5 rows, which take at most $6 bytes of a
-- message or are one alone, $7 columns (bit set). The first row is the state, with the file node and the size of the relation,
-- which this statement holds open.
-- The range is normally within both limits and read as it lies. When it is not, its first rows by tuple are taken: they have to be
-- numbered for that, which costs three times as much. No order is relied on: the page ends at its highest tuple.
with {{state}}, range as materialized (
  select count(*) <= $5 and coalesce(sum({{size}}), 0) <= $6 as fits
    from journeyfeed.{{table}} t, (select $7::bigint as columns) p
   where t.ctid > $3::text::tid and t.ctid < $4::text::tid and {{live}}
)
select s.state || array[pg_relation_filenode(c.oid)::bigint, pg_relation_size(c.oid) / 8192, greatest(c.reltuples, 0)::bigint,
                        (select fits::integer from range)]::bigint[] as state,
       null::tid as tuple, {{null_columns}}
  from state s, pg_class c where c.oid = 'journeyfeed.{{table}}'::regclass
union all
select null, t.ctid, {{read_columns}}
  from journeyfeed.{{table}} t, (select $7::bigint as columns) p
 where (select fits from range) and t.ctid > $3::text::tid and t.ctid < $4::text::tid and {{live}}
union all
select null, t.tuple, {{read_names}}
  from (select t.ctid as tuple, {{read_columns}}, row_number() over w as row_number,
               sum({{size}}) over w as bytes
          from journeyfeed.{{table}} t, (select $7::bigint as columns) p
         where (select not fits from range) and t.ctid > $3::text::tid and t.ctid < $4::text::tid and {{live}}
        window w as (order by t.ctid)) t
 where t.row_number <= $5 and (t.bytes <= $6 or t.row_number = 1)
