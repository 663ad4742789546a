-- How many rows of which tables a write added, JSON, so that rows which were taken away
-- by hand are missed. Entries of before say nothing.
ALTER TABLE audit_entry ADD COLUMN made TEXT NOT NULL DEFAULT '';
