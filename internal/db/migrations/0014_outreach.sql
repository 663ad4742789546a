-- Who was told of what he is entitled to, will lose, or what is missing of him. There is
-- a row from the first time that somebody does something about it.
CREATE TABLE outreach (
    id {id},
    version BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    region_code {key} NOT NULL,   -- who serves him
    occasion {key} NOT NULL,      -- newly, lost, changing, missing
    item {key} NOT NULL,          -- id of the item, or name of the fact that is missing
    on_day {date},                -- from which it is so; NULL: of a missing fact
    state {key} NOT NULL,         -- open, assigned, reached, unreachable, applies, declined, done
    assigned_to BIGINT NOT NULL,  -- 0: nobody
    due_on {date},
    opened_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL,
    UNIQUE (person_id, occasion, item)
);
CREATE INDEX outreach_region ON outreach (region_code, occasion, item, state);
CREATE INDEX outreach_assigned ON outreach (assigned_to, occasion, id) WHERE assigned_to <> 0;

-- What was done, in order.
CREATE TABLE outreach_note (
    id {id},
    outreach_id BIGINT NOT NULL REFERENCES outreach (id),
    at BIGINT NOT NULL,
    by_id BIGINT NOT NULL,
    state {key} NOT NULL,         -- what it came to
    assigned_to BIGINT NOT NULL,
    due_on {date},
    text TEXT NOT NULL
);
CREATE INDEX outreach_note_of ON outreach_note (outreach_id, id);
