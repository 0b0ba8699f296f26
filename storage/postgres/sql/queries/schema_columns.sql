-- The columns of a table that are missing or of another type. $1 table; $2 names, $3 types that are expected, side by side, with commas between.
select e.name, e.type::regtype::text as expected, format_type(a.atttypid, null) as found
  from unnest(string_to_array($2, ','), string_to_array($3, ',')) as e (name, type)
  left join pg_attribute a
         on a.attrelid = to_regclass('journeyfeed.' || quote_ident($1)) and a.attname = e.name and a.attnum > 0
        and not a.attisdropped
 where a.attname is null or a.atttypid <> e.type::regtype
 order by e.name
