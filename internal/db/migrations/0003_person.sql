-- The register of elders. The facts are the current ones, as person_record says
-- them; 0 is never stored in a coded fact: NULL is unknown, n is the n-th value of
-- the vocabulary (internal/fact).
CREATE TABLE person (
    id {id},
    version BIGINT NOT NULL,
    region_code {key} NOT NULL, -- who serves him: residence, else hukou
    name {key} NOT NULL,
    initials {key} NOT NULL,
    document TEXT NOT NULL,     -- kind of identity document
    number {bytes},             -- encrypted; NULL: none known
    number_index {bytes},       -- keyed hash, to find it again
    details {bytes},            -- encrypted JSON: phones, address, contacts, household …
    lon BIGINT,                 -- millionths of a degree
    lat BIGINT,
    state {key} NOT NULL,       -- alive, moved, deceased, merged
    state_on {date},
    state_source TEXT NOT NULL,
    merged_into BIGINT REFERENCES person (id),
    turn_on {date},             -- the next day on which a recorded fact begins or ends
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    birth {date},
    hukou {key},
    residence {key},
    sex SMALLINT,
    income SMALLINT,
    tekun_support SMALLINT,
    tekun_care SMALLINT,
    ability SMALLINT,
    dementia SMALLINT,
    disability_kind SMALLINT,
    disability_grade SMALLINT,
    lives_alone SMALLINT,
    empty_nest SMALLINT,
    left_behind SMALLINT,
    fp_special SMALLINT,
    veteran SMALLINT,
    veteran_pension SMALLINT,
    no_supporter SMALLINT,
    pension SMALLINT,
    medical SMALLINT,
    ltci_insured SMALLINT,
    ltci_level SMALLINT,
    vagrant SMALLINT,
    in_facility SMALLINT,
    wants_central SMALLINT,
    work_injury_care SMALLINT,
    seal {bytes} NOT NULL       -- keyed seal over the row, for yian audit verify
);
CREATE UNIQUE INDEX person_number ON person (number_index);
-- The state stands in them so that people are counted without a look at their rows.
CREATE INDEX person_region_name ON person (region_code, name, id, state);
CREATE INDEX person_name ON person (name, region_code, id, state);
CREATE INDEX person_initials ON person (initials, region_code, id, state);
CREATE INDEX person_birth ON person (birth, region_code, id);
CREATE INDEX person_state ON person (state, region_code, name, id) WHERE state <> 'alive';
CREATE INDEX person_turn ON person (turn_on) WHERE turn_on IS NOT NULL;

-- Telephones by keyed hash: his own and those of his contacts. Neither here nor in
-- person_record is there a foreign key: it would look up again, one by one, the people
-- of an import, who are in the same transaction. Verifying finds rows of nobody.
CREATE TABLE person_phone (
    phone_index {bytes} NOT NULL,
    person_id BIGINT NOT NULL,
    PRIMARY KEY (phone_index, person_id)
);
CREATE INDEX person_phone_person ON person_phone (person_id);

-- Everything that was ever stated about a person. Rows are never changed or
-- removed: a row that replaces another does so for the facts that it holds.
CREATE TABLE person_record (
    id {id},
    person_id BIGINT NOT NULL,
    source {key} NOT NULL,
    valid_from {date} NOT NULL,
    valid_to {date},            -- the first day on which it no longer holds; NULL: open
    recorded_at BIGINT NOT NULL,
    recorded_by BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    facts TEXT NOT NULL,        -- JSON object of vocabulary names and values; null withdraws
    replaces BIGINT,
    batch BIGINT,               -- the import that brought it
    seal {bytes} NOT NULL
);
CREATE INDEX person_record_person ON person_record (person_id, id);

-- What identified a person before it was changed.
CREATE TABLE person_revision (
    id {id},
    person_id BIGINT NOT NULL REFERENCES person (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    changed_by BIGINT NOT NULL,
    data {bytes} NOT NULL,      -- encrypted JSON
    UNIQUE (person_id, version)
);

-- A source that contradicts a higher one, until a person settles it.
CREATE TABLE person_conflict (
    id {id},
    version BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    region_code {key} NOT NULL,
    fact {key} NOT NULL,
    held BIGINT NOT NULL,       -- the record that holds
    claimed BIGINT NOT NULL,    -- the record that contradicts it
    state {key} NOT NULL,       -- open, kept, accepted, gone
    opened_at BIGINT NOT NULL,
    settled_at BIGINT,
    settled_by BIGINT,
    note TEXT NOT NULL
);
CREATE UNIQUE INDEX person_conflict_open ON person_conflict (person_id, fact) WHERE state = 'open';
CREATE INDEX person_conflict_region ON person_conflict (state, region_code, id);

CREATE TABLE person_photo (
    person_id BIGINT PRIMARY KEY REFERENCES person (id),
    type TEXT NOT NULL,
    data {bytes} NOT NULL,      -- encrypted
    updated_at BIGINT NOT NULL
);

-- Searches that a user keeps.
CREATE TABLE person_filter (
    id {id},
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    UNIQUE (user_id, name)
);

-- Two files that may be of one person.
CREATE TABLE person_pair (
    id {id},
    version BIGINT NOT NULL,
    region_code {key} NOT NULL,
    low BIGINT NOT NULL REFERENCES person (id),
    high BIGINT NOT NULL REFERENCES person (id),
    reason {key} NOT NULL,
    state {key} NOT NULL,       -- open, different, merged
    found_at BIGINT NOT NULL,
    settled_at BIGINT,
    settled_by BIGINT,
    note TEXT NOT NULL,
    undo {bytes},               -- encrypted JSON of what a merge changed
    UNIQUE (low, high)
);
CREATE INDEX person_pair_region ON person_pair (state, region_code, id);

-- Up to which person everybody has been compared with everybody; one row.
CREATE TABLE person_pair_mark (
    id {id},
    person BIGINT NOT NULL
);
