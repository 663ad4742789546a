-- Lists that users take out of the register.
CREATE TABLE export (
    id {id},                    -- also the file
    version BIGINT NOT NULL,
    user_id BIGINT NOT NULL,    -- who asked for it: nobody else may fetch it
    region_code {key} NOT NULL, -- the region that was chosen
    regions TEXT NOT NULL,      -- of the people in the file, separated by spaces
    state {key} NOT NULL,       -- waiting, ready, failed, expired
    query {bytes} NOT NULL,     -- encrypted: it may hold a name
    columns TEXT NOT NULL,      -- separated by spaces
    whole BOOLEAN NOT NULL,     -- numbers and phones unmasked
    purpose TEXT NOT NULL,
    total BIGINT NOT NULL,      -- people, as counted before
    written BIGINT NOT NULL,    -- people in the file until now
    last_id BIGINT NOT NULL,    -- the last of them
    pieces BIGINT NOT NULL,     -- of the file until now
    progress TEXT NOT NULL,     -- JSON: how far the file has come, to go on
    reason TEXT NOT NULL,       -- why it failed
    attempts BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    fetched BIGINT NOT NULL,    -- how often
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL  -- 0: not ready yet
);
CREATE INDEX export_user ON export (user_id, id);
CREATE INDEX export_state ON export (state, expires_at);
