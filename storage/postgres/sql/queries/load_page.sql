-- One page of the initial load in physical order: live rows after tuple $3 and before tuple $4, at most $5 rows and about $6 bytes,
-- $7 columns (bit set). The file node and the relation's size are those of this statement, which holds the table open.
with {{state}}, scanned as (
  select t.ctid as tuple, {{read_columns}},
         row_number() over w as row_number, sum(64 + {{size}}) over w as bytes_through, 64 + {{size}} as bytes
    from journeyfeed.{{table}} t, (select $7::bigint as columns) p
   where t.ctid > $3::text::tid and t.ctid < $4::text::tid and {{live}}
  window w as (order by t.ctid)
)
select s.in_recovery, s.incarnation, s.timeline, s.removed, s.removed_nonce, s.head, s.head_nonce, s.system_identifier, s.known,
       s.fork_seq, s.nonce_at_high_water, s.as_of,
       r.file_node, r.blocks, r.rows_estimated, t.tuple, t.bytes_through, {{read_names}}
  from state s
 cross join (select pg_relation_filenode(c.oid)::bigint as file_node, pg_relation_size(c.oid) / 8192 as blocks,
                    greatest(c.reltuples, 0)::bigint as rows_estimated
               from pg_class c where c.oid = 'journeyfeed.{{table}}'::regclass) r
  left join (select * from scanned where row_number <= $5 and bytes_through - bytes < $6) t on true
 order by t.tuple
