-- The audit trail: one row for each change or look at personal data. Rows are
-- never changed but to be sealed: seq and hash chain them in the order of sealing.
CREATE TABLE audit_entry (
    id {id},
    at BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    action {key} NOT NULL,
    label TEXT NOT NULL,
    kind {key} NOT NULL,
    subject {key} NOT NULL,
    region_code {key} NOT NULL,
    purpose TEXT NOT NULL,
    detail TEXT NOT NULL,
    mac {bytes} NOT NULL,
    seq BIGINT,
    hash {bytes}
);
CREATE UNIQUE INDEX audit_entry_seq ON audit_entry (seq);
CREATE INDEX audit_entry_unsealed ON audit_entry (id) WHERE seq IS NULL;
CREATE INDEX audit_entry_subject ON audit_entry (kind, subject, id);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id, id);
CREATE INDEX audit_entry_region ON audit_entry (region_code, id);

-- How far the chain goes: one row.
CREATE TABLE audit_head (
    id {id},
    seq BIGINT NOT NULL,
    hash {bytes} NOT NULL,
    mac {bytes} NOT NULL
);

-- Signed-in browsers. The token is stored hashed.
CREATE TABLE session (
    token {key} PRIMARY KEY,
    data {bytes} NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_expires ON session (expires_at);
