-- Text without case, the same in every database: by ICU's root locale, whatever LC_CTYPE, LC_COLLATE and the database's own ICU locale are.
-- Safe while the version before runs: it compares by lower() and keeps the indexes of 0004.

-- What text is compared, ordered and grouped by. Unicode's simple case folding: lower() leaves letters alone that share their capital with
-- another one (the final sigma with the sigma, the long s with the s); these become the other one. The dotless i stays a letter of its own,
-- as Unicode has it; the capital I with a dot becomes two characters. ASCII is spared ICU, and all text without such a letter translate(),
-- which takes ten times as long. Not strict and without settings, so that it is inlined.
-- Indexes depend on it: it is never replaced by one that answers otherwise.
create function journeyfeed.fold(p text) returns text language sql immutable parallel safe
return case
  when octet_length(p) = char_length(p) then lower(p collate "C")
  when p collate "C" !~ U&'[\00B5\017F\0345\03D0\03D1\03D5\03D6\03F0\03F1\03F5\1C80-\1C88\1E9B\1FBE]'
    then replace(lower(p collate "und-x-icu") collate "C", U&'\03C2', U&'\03C3')
  else translate(lower(p collate "und-x-icu") collate "C",
                 U&'\00B5\017F\0345\03C2\03D0\03D1\03D5\03D6\03F0\03F1\03F5\1C80\1C81\1C82\1C83\1C84\1C85\1C86\1C87\1C88\1E9B\1FBE',
                 U&'\03BC\0073\03B9\03C3\03B2\03B8\03C6\03C0\03BA\03C1\03B5\0432\0434\043E\0441\0442\0442\044A\0463\A64B\1E61\03B9')
end;

-- As those of 0004, which stay for the version before; a later migration removes them.
create function journeyfeed.fold_indexes(out table_name text, out index_name text, out columns text) returns setof record
language sql immutable parallel safe
begin atomic
  values ('customer_journey', 'customer_journey_name_fold', 'journeyfeed.fold(name) collate "C" nulls first, id'),
         ('journey_run_session', 'journey_run_session_run_fold',
          'journeyfeed.fold(journey_run_id) collate "C" nulls first, partition_key, id'),
         ('journey_run_session', 'journey_run_session_name_fold',
          'journeyfeed.fold(name) collate "C" nulls first, partition_key, id');
end;

-- The statements that make those which are not there. One that was interrupted left an index that is not valid and has to go first.
create function journeyfeed.missing_indexes() returns setof text language sql volatile set search_path = pg_catalog, pg_temp
begin atomic
  select s.statement
    from journeyfeed.fold_indexes() f
    left join pg_index i on i.indexrelid = to_regclass(format('journeyfeed.%I', f.index_name))
   cross join lateral (
     values (1, format('drop index concurrently journeyfeed.%I', f.index_name)),
            (2, format('create index concurrently %I on journeyfeed.%I (%s)', f.index_name, f.table_name, f.columns))) s(step, statement)
   where not coalesce(i.indisvalid, false) and (s.step = 2 or i.indexrelid is not null)
   order by f.index_name, s.step;
end;

-- Writers wait while an index is made: a second or two for 256 MB. Of a larger table it is left to the operator (docs/operations.md,
-- "Upgrades"); queries are only slower until then.
do $$
declare
  v_index record;
begin
  for v_index in select * from journeyfeed.fold_indexes() loop
    continue when pg_relation_size(format('journeyfeed.%I', v_index.table_name)::regclass) > 268435456;
    execute format('create index %I on journeyfeed.%I (%s)', v_index.index_name, v_index.table_name, v_index.columns);
  end loop;
end $$;
