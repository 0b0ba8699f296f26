-- The state of the log alone, for checking a position without reading a page.
with {{state}} select state from state
