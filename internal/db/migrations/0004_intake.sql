-- Files that are too large for a row, in pieces that are compressed and encrypted.
CREATE TABLE blob_piece (
    file_id BIGINT NOT NULL,
    n BIGINT NOT NULL,          -- from 0
    data {bytes} NOT NULL,
    PRIMARY KEY (file_id, n)
);

-- Files of people on their way into the register.
CREATE TABLE intake (
    id {id},                    -- also the file of the rows that were read from it
    version BIGINT NOT NULL,
    user_id BIGINT NOT NULL,    -- who uploaded it, and on whose behalf it goes in
    user_name TEXT NOT NULL,
    region_code {key} NOT NULL, -- where he works: who sees that there was an import
    state {key} NOT NULL,       -- uploading … done, see internal/intake
    back {key} NOT NULL,        -- of a stopped one: the state to go on from
    source {key} NOT NULL,
    file_name TEXT NOT NULL,
    upload_id BIGINT NOT NULL,  -- the file as it was uploaded
    pieces BIGINT NOT NULL,     -- of that file
    bytes BIGINT NOT NULL,
    format TEXT NOT NULL,
    encoding TEXT NOT NULL,
    head {bytes},               -- encrypted JSON: header and first rows
    mapping TEXT NOT NULL,      -- JSON: what each column is for
    from_on {date},             -- since when the facts hold
    place_code {key} NOT NULL,  -- of people whose row names none; empty: such rows are rejected
    total BIGINT NOT NULL,      -- rows of the file
    blocks BIGINT NOT NULL,     -- of rows, read until now
    next_block BIGINT NOT NULL, -- of the run at work
    checked TEXT NOT NULL,      -- JSON: counts of the dry run
    brought TEXT NOT NULL,      -- JSON: counts of what was brought in
    reason TEXT NOT NULL,       -- why it failed or was stopped
    attempts BIGINT NOT NULL,   -- turns since the last progress
    lease_until BIGINT NOT NULL,
    purged BOOLEAN NOT NULL,    -- the contents were removed
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX intake_region ON intake (region_code, id);
CREATE INDEX intake_state ON intake (state, updated_at);

-- The rows of a file in blocks, and what became of those that were not accepted.
CREATE TABLE intake_block (
    intake_id BIGINT NOT NULL REFERENCES intake (id),
    n BIGINT NOT NULL,
    count BIGINT NOT NULL,      -- of rows
    rejected BIGINT NOT NULL,   -- of them, in the last run
    doubles {bytes},            -- rows that repeat an earlier one of the file
    outcome {bytes},            -- encrypted: rejected rows with line, column and reason
    PRIMARY KEY (intake_id, n)
);

-- What columns were for when a source sent a file with the same header before.
CREATE TABLE intake_mapping (
    source {key} NOT NULL,
    fingerprint {bytes} NOT NULL,
    mapping TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (source, fingerprint)
);
