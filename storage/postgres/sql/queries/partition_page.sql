-- One page of the initial load of one partition, by key (keys do not move): rows after id $3, at most $4 rows and about $5 bytes,
-- $6 columns (bit set), $7 partition key. The first row is the state.
with {{state}}, scanned as (
  select {{read_columns}}, sum(64 + {{size}}) over (order by t.id) - (64 + {{size}}) as bytes_before
    from (select * from journeyfeed.{{table}} t
           where t.partition_key = $7 and ($3::uuid is null or t.id > $3) and {{live}} order by t.id limit $4) t,
         (select $6::bigint as columns) p
)
select s.state, {{null_columns}} from state s
union all
(select null, {{read_names}} from scanned t where t.bytes_before < $5 order by t.id)
