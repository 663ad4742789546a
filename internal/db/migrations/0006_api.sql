-- Requests to the JSON interface that came with an Idempotency-Key, for a day. What
-- was asked stands here as keyed hashes only; the answer is encrypted.
CREATE TABLE api_request (
    key {bytes} PRIMARY KEY,    -- of actor, operation and the key of the client
    body {bytes} NOT NULL,      -- of all that was asked
    run BIGINT NOT NULL,        -- the run that holds the key
    claimed_at BIGINT NOT NULL, -- when that run began
    carried BOOLEAN NOT NULL,   -- whether its write was committed
    status INTEGER,             -- of the answer; NULL: none yet
    answer {bytes}              -- encrypted JSON: headers and body
);
CREATE INDEX api_request_claimed ON api_request (claimed_at);
