-- The role of the service's workers: it reads, and writes only through the write functions.
grant usage on schema journeyfeed to journeyfeed_service;
grant select on all tables in schema journeyfeed to journeyfeed_service;
grant execute on function journeyfeed.fold(text) to journeyfeed_service;
revoke insert, update, delete, truncate on all tables in schema journeyfeed from journeyfeed_service;
