-- One page of the initial load of one partition, by key (keys do not move): rows after id $3, at most $4 rows and about $5 bytes,
-- $6 columns (bit set), $7 partition key.
with {{state}}, scanned as (
  select {{read_columns}},
         sum(64 + {{size}}) over (order by t.id) - (64 + {{size}}) as bytes_before
    from (select * from journeyfeed.{{table}} t
           where t.partition_key = $7 and ($3::uuid is null or t.id > $3) and {{live}} order by t.id limit $4) t,
         (select $6::bigint as columns) p
)
select s.in_recovery, s.incarnation, s.timeline, s.removed, s.removed_nonce, s.head, s.head_nonce, s.system_identifier, s.known,
       s.fork_seq, s.nonce_at_high_water, s.as_of,
       {{read_names}}
  from state s
  left join (select * from scanned where bytes_before < $5) t on true
 order by t.id
