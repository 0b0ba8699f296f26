-- The state of the log alone, for checking a position without reading a page.
with {{state}}
select s.in_recovery, s.incarnation, s.timeline, s.removed, s.removed_nonce, s.head, s.head_nonce, s.system_identifier, s.known,
       s.fork_seq, s.nonce_at_high_water, s.as_of
  from state s
