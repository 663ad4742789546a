-- Messages to old people and their families, on their way to a gateway.
CREATE TABLE message (
    id {id},
    version BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    region_code {key} NOT NULL,  -- who served the person then
    template {key} NOT NULL,
    receiver {key} NOT NULL,     -- person, contact: whose phone it goes to
    sealed {bytes} NOT NULL,     -- encrypted: phone and text
    dedup {key} NOT NULL UNIQUE, -- what it tells of: told once
    state {key} NOT NULL,        -- queued, sending, sent, failed, cancelled
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,     -- queued: not before; sending: when another process may take it up
    tried_at BIGINT NOT NULL,    -- 0: never
    reason TEXT NOT NULL,        -- why it failed or was cancelled
    gateway_id TEXT NOT NULL,    -- what the gateway calls it
    queued_at BIGINT NOT NULL,
    queued_by BIGINT NOT NULL,   -- 0: the system
    sent_at BIGINT NOT NULL      -- 0: not sent
);
CREATE INDEX message_due ON message (state, next_at);
CREATE INDEX message_region ON message (region_code, id);
CREATE INDEX message_person ON message (person_id, id);
CREATE INDEX message_tried ON message (tried_at);

-- The row that processes lock while they take messages, so that together they keep the pace.
CREATE TABLE message_pace (id {id});
INSERT INTO message_pace (id) VALUES (1);

-- People who want no messages.
CREATE TABLE message_optout (
    person_id {id},
    at BIGINT NOT NULL,
    by_id BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    reason TEXT NOT NULL
);
