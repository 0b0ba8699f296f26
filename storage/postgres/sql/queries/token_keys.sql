-- Keys of tokens: id, secret, age in milliseconds.
select key_id, secret, (extract(epoch from clock_timestamp() - created_at) * 1000)::bigint as age
  from journeyfeed.token_key
