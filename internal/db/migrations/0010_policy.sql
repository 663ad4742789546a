-- Versions of service lists. What is published is never changed.
CREATE TABLE policy_version (
    id {id},
    version BIGINT NOT NULL,
    list {key} NOT NULL,          -- linfen-2023: what packs call the list
    no BIGINT NOT NULL,           -- 1, 2, 3 … of the list
    region_code {key} NOT NULL,   -- whose list it is
    title TEXT NOT NULL,
    state {key} NOT NULL,         -- draft, review, approved, published, discarded
    rules_from {date},            -- published: the first day on which it rules
    body TEXT NOT NULL,           -- list.yaml
    tests TEXT NOT NULL,          -- people that are tried before review, YAML
    based_on BIGINT,              -- the version that it was drafted from
    created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    approved_by BIGINT,
    approved_at BIGINT,
    published_by BIGINT,
    published_at BIGINT,
    seal {bytes},                 -- of what is published, for yian audit verify
    UNIQUE (list, no)
);
CREATE INDEX policy_version_state ON policy_version (state, region_code, rules_from);

-- What was done to a version, by whom and why.
CREATE TABLE policy_step (
    id {id},
    version_id BIGINT NOT NULL REFERENCES policy_version (id),
    step {key} NOT NULL,
    at BIGINT NOT NULL,
    by_id BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX policy_step_version ON policy_step (version_id, id);

-- A version that was filed with the level above.
CREATE TABLE policy_filing (
    id {id},
    version BIGINT NOT NULL,
    version_id BIGINT NOT NULL REFERENCES policy_version (id),
    region_code {key} NOT NULL,   -- of the list
    upper_region {key} NOT NULL,  -- who answers
    upper_version BIGINT NOT NULL,-- the list that it was compared with
    state {key} NOT NULL,         -- sent, accepted, returned
    findings TEXT NOT NULL,       -- JSON: where it falls below
    reason TEXT NOT NULL,         -- why it is sent all the same
    sent_by BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    answered_by BIGINT,
    answered_at BIGINT,
    answer TEXT NOT NULL
);
CREATE INDEX policy_filing_state ON policy_filing (state, upper_region, id);
CREATE INDEX policy_filing_version ON policy_filing (version_id, id);
