-- Records are read by person alone. One index less is a tenth of an import.
CREATE TABLE person_record_by_person (
    id BIGINT NOT NULL,
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
    seal {bytes} NOT NULL,
    PRIMARY KEY (person_id, id)
) {clustered};
INSERT INTO person_record_by_person
    SELECT id, person_id, source, valid_from, valid_to, recorded_at, recorded_by, evidence, facts, replaces, batch, seal
    FROM person_record;
DROP TABLE person_record;
ALTER TABLE person_record_by_person RENAME TO person_record;
