-- What a row of results was judged by: a version of a list with the parameters and the
-- inherited items of a day. Its id is a digest of what it decides.
CREATE TABLE entitlement_basis (
    id {id},
    ruling BIGINT NOT NULL,       -- policy_version
    items TEXT NOT NULL,          -- ids by their bits, separated by spaces
    cash BIGINT NOT NULL          -- bit set: the items that state an amount
);

-- What everybody alive is entitled to. Bit i stands for item i of the basis.
-- The rows of a county lie together, as they are gone through and written.
CREATE TABLE entitlement (
    person_id BIGINT NOT NULL,
    region_code {key} NOT NULL,   -- who serves him
    basis BIGINT NOT NULL,        -- entitlement_basis; 0: no list rules there
    as_of {date} NOT NULL,        -- the day for which the row was written
    since {date} NOT NULL,        -- the day of his first results
    next_on {date},               -- when ageing alone changes a result next
    due_on {date},                -- when the row is to be looked at again
    yes BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    amounts {bytes} NOT NULL,     -- of the items of yes that state one
    missing BIGINT NOT NULL,      -- bit set of facts that could decide something
    tags BIGINT NOT NULL,
    tags_unknown BIGINT NOT NULL,
    facts {bytes} NOT NULL,       -- what the row was judged from
    PRIMARY KEY (region_code, person_id)
) {clustered};
CREATE UNIQUE INDEX entitlement_person ON entitlement (person_id);
CREATE INDEX entitlement_next ON entitlement (next_on, person_id) WHERE next_on IS NOT NULL;
CREATE INDEX entitlement_due ON entitlement (due_on) WHERE due_on IS NOT NULL;

-- What became other, and why. The first results of a person are not changes.
CREATE TABLE entitlement_change (
    id {id},
    person_id BIGINT NOT NULL,
    region_code {key} NOT NULL,
    kind {key} NOT NULL,          -- item, tag
    item {key} NOT NULL,          -- id of the item or the tag
    cause {key} NOT NULL,         -- fact, age, list, start, end
    on_day {date} NOT NULL,
    at BIGINT NOT NULL,
    was SMALLINT NOT NULL,        -- 0 unknown, 1 yes, 2 no
    is_now SMALLINT NOT NULL,
    was_amount BIGINT,            -- fen
    is_amount BIGINT,
    was_reason TEXT NOT NULL,
    is_reason TEXT NOT NULL,
    ruling BIGINT NOT NULL        -- policy_version
);
CREATE INDEX entitlement_change_person ON entitlement_change (person_id, id);
CREATE INDEX entitlement_change_region ON entitlement_change (region_code, on_day, id);

-- How many people of a place have an item or a tag; kind people counts everybody.
CREATE TABLE entitlement_count (
    region_code {key} NOT NULL,
    kind {key} NOT NULL,
    item {key} NOT NULL,
    yes BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    PRIMARY KEY (region_code, kind, item)
) {clustered};

-- The counties in which results are written: whoever does so has the row locked.
CREATE TABLE entitlement_shard (
    region_code {key} NOT NULL PRIMARY KEY,
    lists BIGINT NOT NULL,        -- digest of the lists that everybody was judged by; 0: never
    running BOOLEAN NOT NULL,     -- everybody is being judged again
    after_region {key} NOT NULL,  -- up to whom
    after_id BIGINT NOT NULL,
    lease_until BIGINT NOT NULL   -- a job is at it
);

-- Counties in which the facts of many changed. Rows are only added and taken away, so
-- that imports do not wait for each other.
CREATE TABLE entitlement_touch (
    id {id},
    region_code {key} NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX entitlement_touch_region ON entitlement_touch (region_code, id);
