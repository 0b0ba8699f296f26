-- One page of the initial load of one partition, by key (keys do not move): rows after id $3, at most $4 rows, which take at
-- most $5 bytes of a message or are one alone, $6 columns (bit set), $7 partition key. The first row is the state.
with {{state}}, scanned as (
  select {{read_columns}}, {{size}} as size, sum({{size}}) over (order by t.id) as bytes
    from (select * from journeyfeed.{{table}} t
           where t.partition_key = $7 and ($3::uuid is null or t.id > $3) and {{live}} order by t.id limit $4) t,
         (select $6::bigint as columns) p
)
select s.state, {{null_columns}} from state s
union all
(select null, {{read_names}} from scanned t where t.bytes <= $5 or t.bytes = t.size order by t.id)
