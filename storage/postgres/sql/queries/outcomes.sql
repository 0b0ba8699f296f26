-- What the latest calls with these request ids did: after a day an id may be used again. Inputs side by side: $1 request ids, $2 callers, $3 messages, $4 request indexes.
select k.ord, o.code::text, o.record_id, o.partition_id, o.version_number, o.incarnation, o.timeline, o.seq, o.nonce
  from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::integer[]) with ordinality
       as k (request_id, caller_id, message, request_index, ord)
  join lateral (
    select * from journeyfeed.request_outcome o
     where o.request_id = k.request_id and o.caller_id = k.caller_id and o.message = k.message
       and o.request_index = k.request_index and o.entity = {{entity}}
     order by o.created_at desc limit 1) o on true
