-- What the latest call with a request id did, row by row; an id may be used again after a day. $1 request id, $2
-- caller, $3 message.
select distinct on (o.request_index)
       o.request_index, o.code::text, o.record_id, o.partition_id, o.version_number, o.incarnation, o.timeline, o.seq, o.nonce
  from journeyfeed.request_outcome o
 where o.request_id = $1::uuid and o.caller_id = $2::uuid and o.message = $3::smallint and o.entity = {{entity}}
 order by o.request_index, o.created_at desc
