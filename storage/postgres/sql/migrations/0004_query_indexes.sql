-- What callers filter by, each followed by the key, so that a page of one value is read in order. Nulls first, as queries order them.
-- None on times that every write moves (modified_on, the expiry): an update of other columns stays HOT. Text without case, as queries
-- compare it, in byte order, so that a prefix is a range.
create index customer_journey_status on journeyfeed.customer_journey (status_code nulls first, id);
create index customer_journey_owner on journeyfeed.customer_journey (owner_id nulls first, id);
create index customer_journey_name on journeyfeed.customer_journey (lower(name) collate "C" nulls first, id);
create index journey_run_session_run
  on journeyfeed.journey_run_session (lower(journey_run_id) collate "C" nulls first, partition_key, id);
create index journey_run_session_name
  on journeyfeed.journey_run_session (lower(name) collate "C" nulls first, partition_key, id);
