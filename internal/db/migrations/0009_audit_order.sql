-- The trail is read the newest first until a page is full: of everything along the key,
-- of one actor or subject along the indexes that there are, of an action or a kind of
-- subject along these.
CREATE INDEX audit_entry_action ON audit_entry (action, id);
CREATE INDEX audit_entry_kind ON audit_entry (kind, id);
